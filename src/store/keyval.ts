import { oidcError } from '../protocol/errors';
import { entryOf, gone } from './keyval-entry';
import type { Store } from './store';

/** The variables of that zone, as `r.variables` has them. */
interface KeyvalVariables {
  pkce_id?: string;
  pkce_code_verifier?: string;
}

/**
 * The short-lived zone (`keyval $pkce_id $pkce_code_verifier zone=oidc_pkce`) as a store for locks. Each value carries
 * its own end, because the zone has one timeout for all. Within a worker every operation is atomic; two workers that
 * add within the same microseconds may both succeed, and so may two nodes within the delay of zone_sync: whoever
 * depends on it looks again whether the entry is still its own.
 * @param now seconds since 1970
 * @throws store_failed where the configuration declares no such variables
 */
export function keyvalStore(r: NginxHTTPRequest, now: () => number): Store {
  const v = r.variables as unknown as KeyvalVariables;
  const under = <T>(key: string, work: () => T): T => {
    if (v.pkce_id === undefined) {
      throw oidcError('store_failed', 'no $pkce_id: "set $pkce_id \'\';" and its keyval zone are missing');
    }
    v.pkce_id = key;
    return work();
  };
  const get = (key: string) =>
    under(key, () => {
      const match = /^(\d+)\.([\s\S]*)$/.exec(entryOf(v.pkce_code_verifier) || '');
      return match && Number(match[1]) > now() ? match[2] : undefined;
    });
  const set = (key: string, value: string, ttl: number) =>
    under(key, () => {
      v.pkce_code_verifier = `${now() + Math.ceil(ttl)}.${value}`;
    });
  return {
    get,
    set,
    add(key, value, ttl) {
      if (get(key) !== undefined) {
        return false;
      }
      set(key, value, ttl);
      return true;
    },
    delete: (key) =>
      under(key, () => {
        v.pkce_code_verifier = gone;
      }),
  };
}
