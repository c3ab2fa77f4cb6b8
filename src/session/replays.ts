import { isOidcError } from '../protocol/errors';
import type { SharedStore } from '../store/shared-store';
import type { Store } from '../store/store';
import { replayKey } from './session-id';

/** Tokens that may come once. */
export interface Replays {
  /**
   * Whether a token comes for the first time, over all workers. A store that is full says so too: what is done once more
   * then are sign-outs.
   * @param ttl seconds that it could be sent again
   */
  isFirst(jti: string, ttl: number): Promise<boolean>;
  /** Lets it come again, because what it asked for was not done. */
  forget(jti: string): Promise<void>;
}

export function replaysIn(store: Store, realm: string): Replays {
  return {
    async isFirst(jti, ttl) {
      try {
        return store.add(replayEntry(jti, realm), '1', Math.max(1, ttl));
      } catch (error) {
        if (isOidcError(error)) {
          return true;
        }
        throw error;
      }
    },
    forget: async (jti) => store.delete(replayEntry(jti, realm)),
  };
}

const replayEntry = (jti: string, realm: string) => `j:${replayKey(jti, realm)}`;

/** As `replaysIn`, over all machines. */
export function sharedReplaysIn(shared: SharedStore, realm: string): Replays {
  return {
    async isFirst(jti, ttl) {
      try {
        return await shared.add(replayEntry(jti, realm), '1', Math.max(1, Math.ceil(ttl)));
      } catch (error) {
        if (isOidcError(error) && error.code === 'store_full') {
          return true;
        }
        throw error;
      }
    },
    forget: (jti) => shared.end([replayEntry(jti, realm)], 1),
  };
}
