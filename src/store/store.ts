/**
 * Where sessions live. Every operation is atomic over all workers; values are texts without a length limit of their
 * own; an entry is gone when its time is over. Each throws store_failed when the store is full or out of reach.
 */
export interface Store {
  get(key: string): string | undefined;
  /** Writes a value that lives for `ttl` seconds (> 0). */
  set(key: string, value: string, ttl: number): void;
  /** Writes only where nothing is: true for the one caller who wrote. For locks, throttles and replay protection. */
  add(key: string, value: string, ttl: number): boolean;
  delete(key: string): void;
}

/** A store that can tell what is in it. */
export interface EnumerableStore extends Store {
  /** The keys that begin so, in no order. Looks at every entry: for what an operator asks for. */
  keys(prefix: string): string[];
}
