import { oidcError } from '../../src/protocol/errors';
import type { EnumerableStore } from '../../src/store/store';

/** A store in memory whose clock the test moves, in seconds. */
export interface MemoryStore extends EnumerableStore {
  now: number;
  /** Every write fails as in a full zone. */
  full: boolean;
  readonly entries: Map<string, { value: string; ends: number }>;
}

export function memoryStore(now = 1_000_000): MemoryStore {
  const entries: MemoryStore['entries'] = new Map();
  const live = (key: string) => {
    const entry = entries.get(key);
    return entry && entry.ends > store.now ? entry.value : undefined;
  };
  const store: MemoryStore = {
    now,
    full: false,
    entries,
    get: live,
    set(key, value, ttl) {
      if (store.full) throw oidcError('store_failed', 'full');
      if (!(ttl > 0)) throw new TypeError(`ttl ${ttl}`);
      entries.set(key, { value, ends: store.now + ttl });
    },
    add(key, value, ttl) {
      if (live(key) !== undefined) return false;
      store.set(key, value, ttl);
      return true;
    },
    delete: (key) => void entries.delete(key),
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix) && live(key) !== undefined),
  };
  return store;
}
