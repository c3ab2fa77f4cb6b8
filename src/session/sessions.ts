import { oidcError } from '../protocol/errors';
import { randomToken } from '../protocol/random';
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
  tokenEntry,
} from './record';
import { open, type Seal, seal } from './seal';
import { sessionKey } from './session-id';
import type { Store } from './store';

/** After a second sign-in in the same browser, requests already on their way may use the old session this long (s). */
const handover = 30;
/** A tombstone outlives any renewal that was under way when the session ended (s). */
const tombstone = 180;

/** One browser's session: its secret is the cookie's value, its key is where the store has it. */
export interface Session {
  secret: string;
  key: string;
  record: SessionRecord;
}

/** The sessions of one realm. `hmacKey` salts the sealing of tokens; `now` is in seconds. */
export interface Sessions {
  /** Makes a session under a fresh id. Throws store_failed. */
  create(record: SessionRecord, tokens: TokenRecord, now: number): Promise<Session>;
  /** The live session of a cookie's value. */
  find(secret: string, now: number): Session | undefined;
  /** Notes that the session is in use. */
  touch(session: Session, now: number): void;
  tokens(session: Session): Promise<TokenRecord | undefined>;
  /** Writes what a renewal brought, unless the session was ended meanwhile. Throws store_failed. */
  update(session: Session, tokens: TokenRecord | undefined, now: number): Promise<boolean>;
  /** Ends it for good, also against a renewal under way in another worker. */
  end(session: Session): void;
  /** Ends it in a moment, after a newer sign-in in the same browser took its place. */
  retire(session: Session, now: number): void;
  /** Takes the session's lock for at most `ttl` seconds: true for one caller over all workers. */
  lock(session: Session, ttl: number): boolean;
  isLocked(session: Session): boolean;
  unlock(session: Session): void;
}

export function sessionsIn(store: Store, realm: string, hmacKey: string): Sessions {
  const sealOf = (secret: string): Seal => ({ purpose: 'tokens', secret, salt: hmacKey });

  const find = (secret: string, now: number): Session | undefined => {
    const key = sessionKey(secret, realm);
    const record = readRecord(store.get(sessionEntry(key)));
    return record && isLive(record, now) ? { secret, key, record } : undefined;
  };

  const writeRecord = (session: Session, now: number) => {
    store.set(sessionEntry(session.key), encodeRecord(session.record), timeToLive(session.record, now));
  };

  const writeTokens = async (session: Session, tokens: TokenRecord, now: number) => {
    const sealed = await seal(sealOf(session.secret), session.key, JSON.stringify(tokens));
    store.set(tokenEntry(session.key), sealed, timeToLive(session.record, now));
  };

  const noteUse = (session: Session, now: number) => {
    const latest = readRecord(store.get(sessionEntry(session.key)));
    if (latest) {
      latest.t = now;
      const tokens = store.get(tokenEntry(session.key));
      if (tokens !== undefined) {
        store.set(tokenEntry(session.key), tokens, timeToLive(latest, now));
      }
      writeRecord({ secret: session.secret, key: session.key, record: latest }, now);
    }
  };

  const remove = (session: Session) => {
    store.delete(sessionEntry(session.key));
    store.delete(tokenEntry(session.key));
  };

  return {
    find,

    async create(record, tokens, now) {
      const secret = randomToken(32);
      const session = { secret, key: sessionKey(secret, realm), record };
      try {
        await writeTokens(session, tokens, now);
        writeRecord(session, now);
      } catch (error) {
        remove(session);
        throw error;
      }
      return session;
    },

    touch(session, now) {
      try {
        // Whoever holds the lock writes the record anyway, and newer than what was read here.
        if (needsTouch(session.record, now) && store.add(lockEntry(session.key), '1', 1)) {
          noteUse(session, now);
          store.delete(lockEntry(session.key));
        }
      } catch {
        // A full store: whoever is signed in goes on, until the idle time since the last note is over.
      }
    },

    async tokens(session) {
      const sealed = store.get(tokenEntry(session.key));
      const text = sealed === undefined ? undefined : await open(sealOf(session.secret), session.key, sealed);
      return text === undefined ? undefined : (JSON.parse(text) as TokenRecord);
    },

    async update(session, tokens, now) {
      if (tokens) {
        await writeTokens(session, tokens, now);
      }
      writeRecord(session, now);
      if (store.get(endedEntry(session.key)) !== undefined) {
        remove(session);
        return false;
      }
      return true;
    },

    end(session) {
      remove(session);
      store.add(endedEntry(session.key), '1', tombstone);
      remove(session); // what a renewal wrote before it could see the tombstone
    },

    retire(session, now) {
      session.record.e = Math.min(session.record.e, now + handover);
      session.record.r = 0;
      session.record.x = 0;
      writeRecord(session, now);
      store.delete(tokenEntry(session.key));
    },

    lock: (session, ttl) => store.add(lockEntry(session.key), '1', ttl),
    isLocked: (session) => store.get(lockEntry(session.key)) !== undefined,
    unlock: (session) => {
      store.delete(lockEntry(session.key));
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
