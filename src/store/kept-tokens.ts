import { oidcError } from '../protocol/errors';

// What is known of access tokens for a minute, in a zone of its own: whatever tokens come, sessions keep their room.

/** What part of the zone stays free: nothing is thrown out, so bad tokens must leave room for good ones, and those for locks. */
const reserve = { good: 1 / 8, bad: 1 / 2 };

/** The zone oidc_tokens. */
export interface KeptTokens {
  get(entry: string): string | undefined;
  /** Keeps what is known for `ttl` seconds, where there is room for it; else it is found out again. */
  keep(entry: string, text: string, ttl: number, kind: 'good' | 'bad'): void;
  /** True for one caller over all workers, for at most `ttl` seconds. Throws store_failed. */
  lock(entry: string, ttl: number): boolean;
  unlock(entry: string): void;
}

/** Throws store_failed without the zone. */
export function keptTokens(): KeptTokens {
  const dict = ngx.shared?.oidc_tokens as NgxSharedDict<string> | undefined;
  if (!dict) {
    throw oidcError('store_failed', 'no zone "oidc_tokens": add "js_shared_dict_zone zone=oidc_tokens:4m timeout=1h;"');
  }
  return {
    get: (entry) => dict.get(entry),
    keep: (entry, text, ttl, kind) => {
      try {
        dict.set('room', '1', 1000); // njs gives room back only when it writes
        if (ttl > 0 && dict.freeSpace() > dict.capacity * reserve[kind]) {
          dict.set(entry, text, Math.ceil(ttl * 1000));
        }
      } catch {
        // Full.
      }
    },
    lock: (entry, ttl) => {
      try {
        return dict.add(`l:${entry}`, '1', ttl * 1000);
      } catch {
        throw oidcError('store_failed', 'zone "oidc_tokens" is full: enlarge it in its js_shared_dict_zone line');
      }
    },
    unlock: (entry) => {
      dict.delete(`l:${entry}`);
    },
  };
}
