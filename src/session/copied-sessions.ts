import { isOutage } from '../protocol/errors';
import type { SharedStore } from '../store/shared-store';
import type { Copy, NearCopies } from './near-copies';
import { isLive, type SessionRecord, sessionEntry, timeToLive, touchShare } from './record';
import { type Scope, sessionKey } from './session-id';
import type { Session, Sessions } from './sessions';
import type { SharedValue, SharedValues } from './shared-values';

/** How long a machine believes its own copies, in seconds. */
export interface Trust {
  /** While the shared store answers. */
  freshness: number;
  /** While it does not. */
  grace: number;
}

/** While the store is away, a copy that is still good is not asked about again for this long (s). */
const pause = 1;
/** A check is noted at least so often, also where each request asks (s). */
export const noteEvery = 10;

/** How long a copy is kept without use (s). */
export const copiesFor = ({ freshness, grace }: Trust) => Math.max(freshness, grace) + 30;

/**
 * Finds shared sessions: by a copy while it is fresh, else by asking the shared store whether the copy is still right, else
 * by reading there. How long a session lives in the shared store without use is its idle time, so whatever is there is
 * live but for its absolute end.
 */
export function copiedSessions(
  shared: SharedStore,
  values: SharedValues,
  copies: NearCopies,
  scope: Scope,
  { freshness, grace }: Trust,
): Pick<Sessions, 'find' | 'latest'> {
  const seen = (version: number, now: number) => ({ version, checkedAt: now, freshUntil: now + freshness });

  const gone = (key: string, answer: 'ended' | undefined): undefined => {
    if (answer === 'ended') {
      copies.end(key);
    } else {
      copies.forget(key);
    }
  };

  const keepTrusting = (copy: Copy, now: number): Copy => {
    const { checkedAt, version } = copy.record.copy;
    return freshness > 0 || now - checkedAt >= noteEvery ? copies.note(copy, seen(version, now), now) : copy;
  };

  /** The store has older data again, after a failover: this copy is newer, and goes there. */
  const giveBack = async (copy: Copy, there: number, now: number): Promise<Copy | undefined> => {
    const tokens = await copies.tokens(copy);
    const version = tokens && (await values.write(copy, tokens, timeToLive(copy.record, now), there));
    return tokens && typeof version === 'number' ? copies.write(copy, tokens, seen(version, now), now) : undefined;
  };

  const check = async (copy: Copy, now: number): Promise<Copy | 'gone' | undefined> => {
    const version = await shared.version(sessionEntry(copy.key));
    if (typeof version !== 'number') {
      gone(copy.key, version);
      return 'gone';
    }
    usedLately(copy.record, now);
    const known = copy.record.copy.version;
    return version === known ? keepTrusting(copy, now) : version < known ? giveBack(copy, version, now) : undefined;
  };

  const read = async (secret: string, key: string, now: number): Promise<Session | undefined> => {
    const value: SharedValue | 'ended' | undefined = await values.read(secret, key);
    if (typeof value !== 'object') {
      return gone(key, value);
    }
    const record = usedLately(value.record, now);
    return copies.write({ secret, key, record }, value.tokens, seen(value.version, now), now);
  };

  const latest = async (secret: string, now: number): Promise<Session | undefined> => {
    const key = sessionKey(secret, scope);
    if (copies.hasEnded(key)) {
      return undefined;
    }
    const copy = copies.read(secret, key);
    const checked = copy && !copies.isOld(copy, now) ? await check(copy, now) : undefined;
    const session = checked || (await read(secret, key, now));
    return session && session !== 'gone' && now < session.record.endsAt ? session : undefined;
  };

  /** While the store is away: the copy, for as long as it may be believed. */
  const inSpiteOf = (error: unknown, copy: Copy | undefined, now: number): Session => {
    const believedUntil = copy ? copy.record.copy.checkedAt + grace : 0;
    if (!isOutage(error) || !copy || now >= believedUntil || !isLive(copy.record, now)) {
      throw error;
    }
    return copies.note(copy, { ...copy.record.copy, freshUntil: Math.min(now + pause, believedUntil) }, now);
  };

  return {
    latest,

    async find(secret, now) {
      const key = sessionKey(secret, scope);
      const copy = copies.read(secret, key);
      if (copy && now < copy.record.copy.freshUntil && isLive(copy.record, now)) {
        return copy;
      }
      return latest(secret, now).catch((error) => inSpiteOf(error, copies.read(secret, key), now));
    },
  };
}

/** What this machine has not noted itself, others may have: the use is noted once more, not denied. */
function usedLately(record: SessionRecord, now: number): SessionRecord {
  record.usedAt = Math.max(record.usedAt, now - Math.ceil(record.idleTimeout / touchShare));
  return record;
}
