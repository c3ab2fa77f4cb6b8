import { sleep } from '../nginx/timers';
import { oidcError } from '../protocol/errors';
import { randomToken } from '../protocol/random';
import { keyvalStore, shortLived } from '../store/keyval';
import type { Store } from '../store/store';
import { currentSession, hasChanged } from './keyval-sessions';
import type { PlusVisit } from './plus-visit';
import { refresh } from './refresh';

/** How often somebody who waits looks again (ms). */
const glance = 100;
/** After taking the lock, time for another worker's write of the same microsecond to show (ms). */
const settle = 10;

/**
 * Renews the session of the request's cookie with its refresh token: one token request per session on this node.
 * @returns whether there is a session now; false when a new sign-in is needed
 * @throws when the provider is in trouble: the refresh token stays
 */
export async function renew(visit: PlusVisit, id: string): Promise<boolean> {
  const before = currentSession(visit.r);
  const locks = keyvalStore(visit.r, () => Math.floor(Date.now() / 1000), shortLived);
  const lock = `renewing:${id}`;
  const owner = randomToken(16);
  const patience = visit.config.provider_timeout + 5;
  for (const deadline = Date.now() + patience * 1000; Date.now() < deadline; ) {
    if (hasChanged(visit.r, before)) {
      return currentSession(visit.r).idToken !== undefined;
    }
    if (await take(locks, lock, owner, patience)) {
      try {
        return await refresh(visit, id, before);
      } finally {
        if (locks.get(lock) === owner) {
          locks.delete(lock);
        }
      }
    }
    await sleep(glance);
  }
  throw oidcError('provider_timeout', 'another request was renewing this session and did not finish');
}

async function take(locks: Store, lock: string, owner: string, ttl: number): Promise<boolean> {
  if (!locks.add(lock, owner, ttl)) {
    return false;
  }
  await sleep(settle);
  return locks.get(lock) === owner;
}
