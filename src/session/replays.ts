import { isOidcError } from '../protocol/errors';
import type { Store } from '../store/store';
import { replayKey } from './session-id';

/**
 * Whether a token comes for the first time, over all workers. A store that is full says so too: what is done once more
 * then are sign-outs.
 * @param ttl seconds that it could be sent again
 */
export function isFirst(store: Store, jti: string, realm: string, ttl: number): boolean {
  try {
    return store.add(entryOf(jti, realm), '1', Math.max(1, ttl));
  } catch (error) {
    if (isOidcError(error)) {
      return true;
    }
    throw error;
  }
}

/** Lets it come again, because what it asked for was not done. */
export function forgetReplay(store: Store, jti: string, realm: string): void {
  store.delete(entryOf(jti, realm));
}

const entryOf = (jti: string, realm: string) => `j:${replayKey(jti, realm)}`;
