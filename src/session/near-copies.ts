import { isOidcError } from '../protocol/errors';
import type { Store } from '../store/store';
import type { TokenRecord } from './record';
import { type CopyState, decodeRecord, encodeRecord, endedEntry, type SessionRecord, sessionEntry } from './record';
import { type Scope, tokenKey } from './session-id';
import type { Session } from './sessions';
import { tombstone } from './sessions';
import { deleteTokenSet, readTokenSet, type TokenSeal, writeTokenSet } from './token-set';

/** A session as this machine's zone has it. */
export type Copy = Session & { record: SessionRecord & { copy: CopyState } };

/**
 * Copies of shared sessions in the zone of one machine, where the gate reads them as it reads sessions that are nowhere
 * else. Losing one costs a question to the shared store, so a full zone is no error.
 */
export interface NearCopies {
  read(secret: string, key: string): Copy | undefined;
  tokens(session: Session): Promise<TokenRecord | undefined>;
  /** Makes a copy in the place of what was there. */
  write(session: Session, tokens: TokenRecord, copy: Omit<CopyState, 'keptUntil'>, now: number): Promise<Copy>;
  /** Notes what is known now of a copy that was read, unless there is another in its place. */
  note(session: Copy, copy: Omit<CopyState, 'keptUntil'>, now: number): Copy;
  /** Whether a copy is to be made anew, so that its tokens last as long as it may be believed. */
  isOld(copy: Copy, now: number): boolean;
  forget(key: string): void;
  /** Forgets it for good: whoever read the shared value before it ended does not bring it back. */
  end(key: string): void;
  hasEnded(key: string): boolean;
}

/** Tokens are kept so many times as long as the copy, which is written much more often. */
const tokensOutlive = 4;

/** @param keep seconds that a copy is kept without use */
export function nearCopiesIn(store: Store, scope: Scope, keep: number): NearCopies {
  const sealOf = ({ secret, key }: Session): TokenSeal => ({
    key: (part) => tokenKey(part, secret, scope),
    context: key,
  });

  const at = (key: string) => decodeRecord(store.get(sessionEntry(key)) || '');

  const forget = (key: string) => {
    deleteTokenSet(store, at(key)?.tokenSet || '');
    store.delete(sessionEntry(key));
  };

  const hasEnded = (key: string) => store.get(endedEntry(key)) !== undefined;

  /** Writes the record that names the tokens, and nothing where there is no room: then no older one either. */
  const put = ({ key, record }: Copy, now: number) => {
    const until = Math.min(record.copy.checkedAt + keep, record.copy.keptUntil, record.endsAt);
    const old = at(key);
    try {
      store.set(sessionEntry(key), encodeRecord(record), Math.max(1, until - now));
    } catch {
      deleteTokenSet(store, record.tokenSet);
      store.delete(sessionEntry(key));
      record.tokenSet = '';
    }
    if (old && old.tokenSet !== record.tokenSet) {
      deleteTokenSet(store, old.tokenSet);
    }
    if (hasEnded(key)) {
      forget(key);
    }
  };

  return {
    forget,
    hasEnded,

    read(secret, key) {
      const record = at(key);
      return record?.copy ? ({ secret, key, record } as Copy) : undefined;
    },

    tokens: async (session) =>
      session.record.tokenSet === '' ? undefined : readTokenSet(store, sealOf(session), session.record.tokenSet),

    async write(session, tokens, copy, now) {
      const { secret, key } = session;
      const ttl = Math.min(tokensOutlive * keep, session.record.endsAt - now);
      const record = { ...session.record, copy: { ...copy, keptUntil: now + ttl }, tokenSet: '' };
      try {
        record.tokenSet =
          tokens.idToken === '' ? '' : await writeTokenSet(store, sealOf(session), tokens, Math.max(1, ttl));
      } catch (error) {
        if (!isOidcError(error)) {
          throw error;
        }
        forget(key);
        return { secret, key, record };
      }
      put({ secret, key, record }, now);
      return { secret, key, record };
    },

    note({ secret, key, record }, copy, now) {
      const noted = { secret, key, record: { ...record, copy: { ...copy, keptUntil: record.copy.keptUntil } } };
      if (at(key)?.tokenSet === record.tokenSet) {
        put(noted, now);
      }
      return noted;
    },

    isOld: ({ record }, now) => now + keep > record.copy.keptUntil && record.copy.keptUntil < record.endsAt,

    end(key) {
      forget(key);
      try {
        store.add(endedEntry(key), '1', tombstone);
      } catch {
        // A full zone.
      }
      forget(key);
    },
  };
}
