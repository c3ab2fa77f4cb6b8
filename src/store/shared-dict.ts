import { count } from '../nginx/metrics';
import { oidcError } from '../protocol/errors';
import { remembered } from '../protocol/remembered';
import type { EnumerableStore } from './store';

/** More entries than any zone holds: by itself a zone tells 1024 of its keys. */
const most = 2147483647;
/** Below this much free space (bytes) an overwrite is tried out first. */
const scarce = 131072;

/**
 * The store in an `ngx.shared` zone that was declared with `timeout=`.
 * @throws store_failed when the zone is missing or full
 */
export function sharedDictStore(zone: string): EnumerableStore {
  return storeOf(zone, ngx);
}

/** @param engine who has the zone: the same object for as long as the zone is */
const storeOf = remembered(4, (zone: string, engine: typeof ngx): EnumerableStore => {
  const dict = engine.shared?.[zone] as NgxSharedDict<string> | undefined;
  if (!dict) {
    throw oidcError('store_failed', `no zone "${zone}": add "js_shared_dict_zone zone=${zone}:64m timeout=24h;"`);
  }
  const writing = <T>(write: () => T): T => {
    try {
      return write();
    } catch {
      count('oidc_store_errors_total', 'store_failed');
      throw oidcError('store_failed', `zone "${zone}" is full: enlarge it in its js_shared_dict_zone line`);
    }
  };
  return {
    get: (key) => dict.get(key),
    set: (key, value, ttl) => {
      writing(() => {
        // In a full zone njs 0.9.1 and newer loses the old value when it can't write the new one.
        if (dict.freeSpace() < scarce && dict.has(key)) {
          dict.add(`room:${key}`, value, 1000);
          dict.delete(`room:${key}`);
        }
        dict.set(key, value, ttl * 1000);
      });
    },
    add: (key, value, ttl) => writing(() => dict.add(key, value, ttl * 1000)),
    delete: (key) => {
      dict.delete(key);
    },
    keys: (prefix) => dict.keys(most).filter((key) => key.startsWith(prefix)),
  };
});
