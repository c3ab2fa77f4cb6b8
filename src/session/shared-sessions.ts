import { isOutage, oidcError } from '../protocol/errors';
import { randomToken } from '../protocol/random';
import type { SharedStore } from '../store/shared-store';
import type { EnumerableStore } from '../store/store';
import { endEverywhere, listen } from './change-feed';
import { copiedSessions, copiesFor, type Trust } from './copied-sessions';
import { type Copy, nearCopiesIn } from './near-copies';
import { lockEntry, needsTouch, sessionEntry, type TokenRecord, timeToLive } from './record';
import { type Scope, sessionKey } from './session-id';
import { handover, type Session, type Sessions } from './sessions';
import { sharedValuesIn } from './shared-values';

/** How often a change is tried that another machine comes before. */
const attempts = 3;
const noTokens: TokenRecord = { idToken: '', besideIdToken: '', accessToken: '', refreshToken: '', nonce: '' };

/**
 * Sessions that many machines share. The shared store has each as one value, so that every change is one step that
 * succeeds where nobody else came first. `store` is this machine's zone, with copies for the gate.
 */
export function sharedSessionsIn(store: EnumerableStore, shared: SharedStore, scope: Scope, trust: Trust): Sessions {
  const copies = nearCopiesIn(store, scope, copiesFor(trust));
  const values = sharedValuesIn(shared, scope);
  const { find, latest } = copiedSessions(shared, values, copies, scope, trust);

  const keep = (session: Session, tokens: TokenRecord, version: number, now: number) =>
    copies.write(session, tokens, { version, checkedAt: now, freshUntil: now + trust.freshness }, now);

  const tokensOf = async (session: Session): Promise<TokenRecord | undefined> => {
    const near = await copies.tokens(session);
    if (near) {
      return near;
    }
    const value = await values.read(session.secret, session.key);
    return typeof value === 'object' && value.tokens.idToken !== '' ? value.tokens : undefined;
  };

  /**
   * Here alone, for as long as the store is away: newer than what is there, so that it goes there afterwards. Else a
   * refresh token that is used up would be sent once more.
   */
  const keepAhead = (session: Session, tokens: TokenRecord, expected: number, now: number) => {
    const { checkedAt, freshUntil } = (session as Copy).record.copy;
    return copies.write(session, tokens, { version: expected + 1, checkedAt, freshUntil }, now);
  };

  return {
    find,
    latest,
    tokens: tokensOf,

    async create(record, tokens, now) {
      const secret = randomToken(32);
      const session = { secret, key: sessionKey(secret, scope), record };
      const version = await values.write(session, tokens, timeToLive(record, now), 0);
      if (typeof version !== 'number') {
        throw oidcError('store_failed', 'the shared store has something in the place of a new session');
      }
      return keep(session, tokens, version, now);
    },

    async touch(session, now) {
      const { record, key } = session as Copy;
      if (!needsTouch(record, now)) {
        return;
      }
      try {
        if (await shared.prolong(sessionEntry(key), timeToLive({ ...record, usedAt: now }, now))) {
          record.usedAt = now;
          copies.note(session as Copy, record.copy, now);
        }
      } catch (error) {
        if (!isOutage(error)) {
          throw error;
        }
      }
    },

    async update(session, tokens, now, owner) {
      const { secret, key, record } = session;
      const after = tokens || (await tokensOf(session));
      if (!after) {
        return false;
      }
      let expected = (session as Copy).record.copy.version;
      for (let attempt = 0; attempt < attempts; attempt++) {
        const ttl = timeToLive(record, now);
        const answer = await values.write(session, after, ttl, expected, owner).catch(async (error) => {
          if (isOutage(error)) {
            await keepAhead(session, after, expected, now);
          }
          throw error;
        });
        if (typeof answer === 'number') {
          await keep(session, after, answer, now);
          return !copies.hasEnded(key);
        }
        const there = answer === 'ended' ? answer : await values.read(secret, key);
        if (typeof there !== 'object') {
          copies.end(key);
          return false;
        }
        // It was retired meanwhile, or this was written already, and only the answer was lost.
        record.endsAt = Math.min(record.endsAt, there.record.endsAt);
        expected = there.version;
      }
      return false; // the lock is somebody else's now
    },

    isThere: async (key) => typeof (await shared.version(sessionEntry(key))) === 'number',

    end: ({ key }) => endEverywhere(store, shared, key, copies.end),
    listen: (now) => listen(store, shared, now, copies.end),

    async retire({ secret, key }, now) {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const there = await values.read(secret, key);
        if (typeof there !== 'object') {
          break;
        }
        const endsAt = Math.min(there.record.endsAt, now + handover);
        const record = { ...there.record, endsAt, renewAt: 0, expiresAt: 0 };
        if ((await values.write({ secret, key, record }, noTokens, endsAt - now, there.version)) !== 'conflict') {
          break;
        }
      }
      copies.forget(key);
    },

    async lock({ key }, ttl) {
      const owner = randomToken(16);
      return (await shared.lock(lockEntry(key), owner, ttl)) ? owner : undefined;
    },
    isLocked: ({ key }) => shared.isLocked(lockEntry(key)),
    unlock: ({ key }, owner) => shared.unlock(lockEntry(key), owner),
  };
}
