import { isOidcError, oidcError } from '../protocol/errors';
import { randomToken } from '../protocol/random';
import type { Store } from '../store/store';
import {
  decodeRecord,
  encodeRecord,
  endedEntry,
  isLive,
  lockEntry,
  needsTouch,
  type SessionRecord,
  sessionEntry,
  type TokenRecord,
  timeToLive,
} from './record';
import { type Scope, sessionKey, tokenKey } from './session-id';
import { deleteTokenSet, prolongTokenSet, readTokenSet, type TokenSeal, writeTokenSet } from './token-set';

/** After a second sign-in in the same browser, requests already on their way may use the old session this long (s). */
export const handover = 30;
/** A tombstone outlives any renewal that was under way when the session ended (s). */
export const tombstone = 180;

/** One browser's session: its secret is the cookie's value, its key is where the store has it. */
export interface Session {
  secret: string;
  key: string;
  record: SessionRecord;
}

/** Who has a session's lock: random, so that a lock that ran out is not given back by whoever had it before. */
export type LockOwner = string;

/** The sessions of one scope; `now` is in seconds since 1970. */
export interface Sessions {
  /** Makes a session under a fresh id. Throws store_failed. */
  create(record: SessionRecord, tokens: TokenRecord, now: number): Promise<Session>;
  /** The live session of a cookie's value. */
  find(secret: string, now: number): Promise<Session | undefined>;
  /** The same, as all machines have it this moment, where `find` may tell what held a few seconds ago. */
  latest(secret: string, now: number): Promise<Session | undefined>;
  /** Notes that the session is in use. */
  touch(session: Session, now: number): Promise<void>;
  tokens(session: Session): Promise<TokenRecord | undefined>;
  /**
   * Writes what a renewal brought, unless the session was ended meanwhile, or another owner has its lock now. Throws
   * store_failed.
   */
  update(session: Session, tokens: TokenRecord | undefined, now: number, owner?: LockOwner): Promise<boolean>;
  /** Whether a session of this key is in the store. */
  isThere(key: string): boolean | Promise<boolean>;
  /** Ends it for good, also against a renewal under way in another worker. */
  end(session: Pick<Session, 'key'>): Promise<void>;
  /** Hears of sessions that ended on other machines. */
  listen(now: number): Promise<void>;
  /** Ends it in a moment, after a newer sign-in in the same browser took its place. */
  retire(session: Session, now: number): Promise<void>;
  /** Takes the session's lock for at most `ttl` seconds: one caller over all workers gets it, and is its owner. */
  lock(session: Session, ttl: number): Promise<LockOwner | undefined>;
  isLocked(session: Session): Promise<boolean>;
  /** Gives the lock back, if it is still this owner's. */
  unlock(session: Session, owner: LockOwner): Promise<void>;
}

export function sessionsIn(store: Store, scope: Scope): Sessions {
  const sealOf = ({ secret, key }: Pick<Session, 'secret' | 'key'>): TokenSeal => ({
    key: (part) => tokenKey(part, secret, scope),
    context: key,
  });

  const find = async (secret: string, now: number): Promise<Session | undefined> => {
    const key = sessionKey(secret, scope);
    const record = readRecord(store.get(sessionEntry(key)));
    // A copy of a session that was shared, when this machine still shared sessions, is nobody's.
    return record && !record.copy && isLive(record, now) ? { secret, key, record } : undefined;
  };

  const writeRecord = (session: Session, now: number) => {
    store.set(sessionEntry(session.key), encodeRecord(session.record), timeToLive(session.record, now));
  };

  const newTokenSet = (session: Session, tokens: TokenRecord, now: number) =>
    writeTokenSet(store, sealOf(session), tokens, timeToLive(session.record, now));

  const noteUse = (session: Session, now: number) => {
    const latest = readRecord(store.get(sessionEntry(session.key)));
    if (latest) {
      latest.usedAt = now;
      prolongTokenSet(store, latest.tokenSet, timeToLive(latest, now));
      writeRecord({ secret: session.secret, key: session.key, record: latest }, now);
    }
  };

  const remove = ({ key }: Pick<Session, 'key'>) => {
    const stored = decodeRecord(store.get(sessionEntry(key)) || '');
    deleteTokenSet(store, stored ? stored.tokenSet : '');
    store.delete(sessionEntry(key));
  };

  const isOwner = ({ key }: Session, owner: LockOwner) => store.get(lockEntry(key)) === owner;

  /** Writes, if need be in the room of tokens that are worth nothing any more. */
  const inRoomOf = async <T>(set: string, write: () => T | Promise<T>): Promise<T> => {
    try {
      return await write();
    } catch (error) {
      if (set === '' || !isOidcError(error)) {
        throw error;
      }
      deleteTokenSet(store, set);
      return write();
    }
  };

  return {
    find,
    latest: find,

    async create(record, tokens, now) {
      const secret = randomToken(32);
      const session = { secret, key: sessionKey(secret, scope), record };
      try {
        record.tokenSet = await newTokenSet(session, tokens, now);
        writeRecord(session, now);
      } catch (error) {
        deleteTokenSet(store, record.tokenSet);
        throw error;
      }
      return session;
    },

    async touch(session, now) {
      try {
        // Whoever holds the lock writes the record anyway, and newer than what was read here.
        if (needsTouch(session.record, now) && store.add(lockEntry(session.key), '1', 1)) {
          noteUse(session, now);
          if (store.get(endedEntry(session.key)) !== undefined) {
            remove(session); // it ended while its use was noted
          }
          store.delete(lockEntry(session.key));
        }
      } catch {
        // A full store: whoever is signed in goes on, until the idle time since the last note is over.
      }
    },

    async tokens(session) {
      const read = (set: string) => readTokenSet(store, sealOf(session), set);
      const tokens = await read(session.record.tokenSet);
      // A renewal in another worker may have put others in their place.
      const latest = tokens ? undefined : readRecord(store.get(sessionEntry(session.key)));
      return latest && latest.tokenSet !== session.record.tokenSet ? read(latest.tokenSet) : tokens;
    },

    async update(session, tokens, now, owner) {
      if (owner !== undefined && !isOwner(session, owner)) {
        return false;
      }
      const old = session.record.tokenSet;
      if (tokens) {
        session.record.tokenSet = await inRoomOf(old, () => newTokenSet(session, tokens, now));
      }
      const latest = readRecord(store.get(sessionEntry(session.key)));
      session.record.endsAt = Math.min(session.record.endsAt, latest ? latest.endsAt : session.record.endsAt); // retired meanwhile
      const superseded = session.record.tokenSet === old ? '' : old;
      await inRoomOf(superseded, () => writeRecord(session, now));
      deleteTokenSet(store, superseded);
      if (store.get(endedEntry(session.key)) !== undefined) {
        remove(session);
        return false;
      }
      return true;
    },

    listen: () => Promise.resolve(),
    isThere: (key) => store.get(sessionEntry(key)) !== undefined,

    async end(session) {
      remove(session);
      store.add(endedEntry(session.key), '1', tombstone);
      remove(session); // what a renewal wrote before it could see the tombstone
    },

    async retire(session, now) {
      session.record.endsAt = Math.min(session.record.endsAt, now + handover);
      session.record.renewAt = 0;
      session.record.expiresAt = 0;
      deleteTokenSet(store, session.record.tokenSet);
      session.record.tokenSet = '';
      writeRecord(session, now);
    },

    async lock(session, ttl) {
      const owner = randomToken(16);
      return store.add(lockEntry(session.key), owner, ttl) ? owner : undefined;
    },
    isLocked: async (session) => store.get(lockEntry(session.key)) !== undefined,
    async unlock(session, owner) {
      if (isOwner(session, owner)) {
        store.delete(lockEntry(session.key));
      }
    },
  };
}

function readRecord(text: string | undefined): SessionRecord | undefined {
  if (text === undefined) {
    return undefined;
  }
  const record = decodeRecord(text);
  if (!record) {
    throw oidcError('store_failed', 'a session record cannot be read: was the zone written by something else?');
  }
  return record;
}
