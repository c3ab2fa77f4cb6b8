import { oidcError } from '../protocol/errors';
import { entryOf, gone } from './keyval-entry';
import type { Store } from './store';

/** The variables of a zone: `keyval $<key> $<value> zone=...`. */
export interface KeyvalNames {
  readonly key: 'pkce_id' | 'idp_sid';
  readonly value: 'pkce_code_verifier' | 'client_sid';
}

/** The zone that lives for a minute or two: for locks. */
export const shortLived: KeyvalNames = { key: 'pkce_id', value: 'pkce_code_verifier' };
/** The zone that lives as long as sessions. */
export const longLived: KeyvalNames = { key: 'idp_sid', value: 'client_sid' };

/**
 * A keyval zone as a store. Each value carries its own end, because the zone has one timeout for all. Within a worker
 * every operation is atomic; two workers that add within the same microseconds may both succeed, and so may two nodes
 * within the delay of zone_sync: whoever depends on it looks again whether the entry is still its own.
 * @param now seconds since 1970
 * @throws store_failed where the configuration declares no such variables
 */
export function keyvalStore(r: NginxHTTPRequest, now: () => number, names: KeyvalNames): Store {
  const v = r.variables as unknown as Record<string, string | undefined>;
  const under = <T>(key: string, work: () => T): T => {
    if (v[names.key] === undefined) {
      throw oidcError('store_failed', `no $${names.key}: "set $${names.key} '';" and its keyval zone are missing`);
    }
    v[names.key] = key;
    return work();
  };
  const get = (key: string) =>
    under(key, () => {
      const match = /^(\d+)\.([\s\S]*)$/.exec(entryOf(v[names.value]) || '');
      return match && Number(match[1]) > now() ? match[2] : undefined;
    });
  const set = (key: string, value: string, ttl: number) =>
    under(key, () => {
      v[names.value] = `${now() + Math.ceil(ttl)}.${value}`;
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
        v[names.value] = gone;
      }),
  };
}
