import type { SharedStore } from '../store/shared-store';
import { decrypt, encrypt } from './aes-gcm';
import { pack, unpack } from './pack';
import { decodeRecord, encodeRecord, lockEntry, type SessionRecord, sessionEntry, type TokenRecord } from './record';
import { type Scope, tokenKey } from './session-id';
import type { LockOwner, Session } from './sessions';

/** What many machines share of a session: all of it, in one version. */
export interface SharedValue {
  record: SessionRecord;
  tokens: TokenRecord;
  version: number;
}

/**
 * Sessions in the shared store, each as one text that is sealed under a key that only the browser's cookie yields, claims
 * included. It opens in its own place alone: a value that somebody puts in the place of another is worth nothing.
 */
export interface SharedValues {
  /** undefined where there is none that opens. */
  read(secret: string, key: string): Promise<SharedValue | 'ended' | undefined>;
  /**
   * Writes over the version that is `expected`, 0 where there must be none.
   * @param ttl seconds
   * @param owner who must have the session's lock
   */
  write(
    session: Session,
    tokens: TokenRecord,
    ttl: number,
    expected: number,
    owner?: LockOwner,
  ): Promise<number | 'conflict' | 'ended'>;
}

export function sharedValuesIn(shared: SharedStore, scope: Scope): SharedValues {
  const sealKey = (secret: string) => tokenKey('shared', secret, scope);
  const context = (key: string) => `shared\n${key}`;
  return {
    async read(secret, key) {
      const found = await shared.read(sessionEntry(key));
      if (typeof found !== 'object') {
        return found;
      }
      const packed = await decrypt(sealKey(secret), context(key), found.value);
      if (!packed) {
        return undefined;
      }
      const [text = '', accessToken = '', idToken = '', refreshToken = '', nonce = '', besideIdToken = '', dpopKey] =
        unpack(packed);
      const record = decodeRecord(text);
      const tokens = { idToken, besideIdToken, accessToken, refreshToken, nonce };
      return (
        record && { record, tokens: dpopKey === undefined ? tokens : { ...tokens, dpopKey }, version: found.version }
      );
    },

    async write({ secret, key, record }, tokens, ttl, expected, owner) {
      const own: SessionRecord = { ...record, tokenSet: '' };
      delete own.copy;
      const { idToken, besideIdToken, accessToken, refreshToken, nonce, dpopKey } = tokens;
      const texts = [encodeRecord(own), accessToken, idToken, refreshToken, nonce, besideIdToken].concat(dpopKey || []);
      const value = await encrypt(sealKey(secret), context(key), pack(texts));
      const lock = owner === undefined ? undefined : { key: lockEntry(key), owner };
      return shared.write(sessionEntry(key), value, Math.max(1, ttl), expected, lock);
    },
  };
}
