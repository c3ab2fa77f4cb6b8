import { isOidcError } from '../protocol/errors';
import { remembered } from '../protocol/remembered';
import type { EnumerableStore } from '../store/store';
import { hasCopies } from './change-feed';
import { decodeRecord, sessionEntry } from './record';
import { deleteTokenSet } from './token-set';

/** So many of the copies go at a time: to look for them takes a look at each entry. */
const share = 10;

/**
 * A zone where copies of shared sessions make room for sessions that are nowhere else, of a site without a shared store:
 * losing one costs a question to that store.
 */
export const copiesGiveWay = remembered(1, (zone: EnumerableStore): EnumerableStore => {
  const inTheirRoom = <T>(write: () => T): T => {
    try {
      return write();
    } catch (error) {
      if (!isOidcError(error) || !dropSome(zone)) {
        throw error;
      }
      return write();
    }
  };
  return {
    get: zone.get,
    delete: zone.delete,
    keys: zone.keys,
    set: (key, value, ttl) => inTheirRoom(() => zone.set(key, value, ttl)),
    add: (key, value, ttl) => inTheirRoom(() => zone.add(key, value, ttl)),
  };
});

/** Those that were asked about longest ago; whether there were any. */
function dropSome(zone: EnumerableStore): boolean {
  const copies = hasCopies(zone) ? copiesIn(zone) : [];
  copies.sort((a, b) => a.checkedAt - b.checkedAt);
  for (const { entry, tokenSet } of copies.slice(0, Math.ceil(copies.length / share))) {
    deleteTokenSet(zone, tokenSet);
    zone.delete(entry);
  }
  return copies.length > 0;
}

function copiesIn(zone: EnumerableStore): { entry: string; tokenSet: string; checkedAt: number }[] {
  const copies: { entry: string; tokenSet: string; checkedAt: number }[] = [];
  for (const entry of zone.keys(sessionEntry(''))) {
    const record = decodeRecord(zone.get(entry) || '');
    if (record?.copy) {
      copies.push({ entry, tokenSet: record.tokenSet, checkedAt: record.copy.checkedAt });
    }
  }
  return copies;
}
