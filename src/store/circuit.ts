import { count } from '../nginx/metrics';
import { isOutage, type OidcError, oidcError } from '../protocol/errors';
import type { SharedStore } from './shared-store';
import type { Store } from './store';

/** While the store is away, it is asked again once in this time, by one request (s). */
const pause = 1;
/** An outage in which nobody asks for so long is told once more (s). */
const forgottenAfter = 600;
/** A store without room is told once in this time (s). */
const fullAgain = 60;

const outageEntry = 'store:away';
const fullEntry = 'store:full';

/** Told once for an outage, over all workers. */
export interface Outages {
  began(error: OidcError): void;
  ended(): void;
}

/** A shared store, and how to find out whether it is there. */
export interface GuardedStore extends SharedStore {
  /** Nothing where no outage is known of; else asks. Rejects as the operations do. */
  check(): Promise<void>;
  /** Told of an error by whoever asks the store without this. */
  failed(error: unknown): void;
}

/** Whether an outage is known of. */
export const isAway = (zone: Store) => zone.get(outageEntry) !== undefined;

/**
 * The store behind a memory of its outages, which all workers share: while it is away, requests fail at once instead of
 * each waiting for it.
 * @param zone of this machine
 * @param clock seconds since 1970, with fractions
 */
export function guarded(shared: SharedStore, zone: Store, clock: () => number, outages: Outages): GuardedStore {
  const note = (error: OidcError) => {
    const isFull = error.code === 'store_full';
    try {
      const isNew = zone.add(
        isFull ? fullEntry : outageEntry,
        String(clock() + pause),
        isFull ? fullAgain : forgottenAfter,
      );
      if (isNew) {
        outages.began(error);
      } else if (!isFull) {
        zone.set(outageEntry, String(clock() + pause), forgottenAfter);
      }
    } catch {
      // A full zone: then each request asks.
    }
  };

  const failed = (error: unknown) => {
    if (isOutage(error)) {
      count('oidc_store_errors_total', error.code);
      note(error);
    }
  };

  const guard = async <T>(ask: () => Promise<T>): Promise<T> => {
    const until = zone.get(outageEntry);
    if (until !== undefined) {
      if (clock() < Number(until)) {
        throw oidcError('store_unreachable', 'the shared store did not answer a moment ago');
      }
      zone.set(outageEntry, String(clock() + pause), forgottenAfter); // the others wait for what this one finds
    }
    try {
      const answer = await ask();
      if (until !== undefined) {
        zone.delete(outageEntry);
        outages.ended();
      }
      return answer;
    } catch (error) {
      failed(error);
      throw error;
    }
  };

  return {
    read: (key) => guard(() => shared.read(key)),
    version: (key) => guard(() => shared.version(key)),
    write: (key, value, ttl, expected, lock) => guard(() => shared.write(key, value, ttl, expected, lock)),
    prolong: (key, ttl) => guard(() => shared.prolong(key, ttl)),
    end: (keys, ttl) => guard(() => shared.end(keys, ttl)),
    add: (key, value, ttl) => guard(() => shared.add(key, value, ttl)),
    lock: (key, owner, ttl) => guard(() => shared.lock(key, owner, ttl)),
    isLocked: (key) => guard(() => shared.isLocked(key)),
    unlock: (key, owner) => guard(() => shared.unlock(key, owner)),
    link: (index, member, ttl, most) => guard(() => shared.link(index, member, ttl, most)),
    members: (index) => guard(() => shared.members(index)),
    unlink: (index, member) => guard(() => shared.unlink(index, member)),
    changes: (cursor) => guard(() => shared.changes(cursor)),
    status: () => shared.status(),
    failed,
    async check() {
      if (isAway(zone)) {
        await guard(() => shared.isLocked('store:check'));
      }
    },
  };
}
