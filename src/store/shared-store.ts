/** What stands where a tombstone is: a value was here, and somebody ended it. */
export type Ended = 'ended';

/**
 * A store that several machines share. Every operation is one atomic step over all of them; times are in seconds. Each
 * rejects with an OidcError `store_unreachable` (out of reach, slow, loading, no answer that holds), `store_refused`
 * (password, permission, command) or `store_full`.
 */
export interface SharedStore {
  /** The value and its version (a positive integer that each write raises), 'ended' where a tombstone is, undefined where nothing is. */
  read(key: string): Promise<Versioned | Ended | undefined>;
  /** Only the version, cheap: for a check of a local copy. */
  version(key: string): Promise<number | Ended | undefined>;
  /**
   * Writes where the version still is `expected` (0: nothing there). Returns the new version; 'conflict' or 'ended' where
   * it did not write. If `lock` is given, also 'conflict' when that owner does not hold the lock.
   */
  write(
    key: string,
    value: string,
    ttl: number,
    expected: number,
    lock?: { key: string; owner: string },
  ): Promise<number | 'conflict' | Ended>;
  /** New end of life for a value that is there (use of a session noted): false where it is not. */
  prolong(key: string, ttl: number): Promise<boolean>;
  /** Deletes the values, leaves a tombstone for `ttl` in each one's place, and tells the change feed. */
  end(keys: readonly string[], ttl: number): Promise<void>;
  /** Writes only where nothing is: replay protection, throttles. */
  add(key: string, value: string, ttl: number): Promise<boolean>;
  lock(key: string, owner: string, ttl: number): Promise<boolean>;
  isLocked(key: string): Promise<boolean>;
  /** Only the owner releases. */
  unlock(key: string, owner: string): Promise<void>;
  /** An index: members with an end each; expired ones are forgotten; at most `most`, the soonest to end goes. */
  link(index: string, member: string, ttl: number, most: number): Promise<void>;
  members(index: string): Promise<string[]>;
  unlink(index: string, member: string): Promise<void>;
  /** Keys that ended after `cursor` ('' = from now on); the next cursor; `lost` when the feed no longer reaches back to it. */
  changes(cursor: string): Promise<Changes>;
  /** What an operator wants to know of it. */
  status(): Promise<StoreStatus>;
}

export interface Versioned {
  readonly version: number;
  readonly value: string;
}

export interface Changes {
  readonly cursor: string;
  readonly ended: string[];
  readonly lost: boolean;
}

export interface StoreStatus {
  readonly server: 'redis' | 'valkey';
  readonly version: string;
  /** `master` takes writes; anything else (`slave`) does not. */
  readonly role: string;
  /** `maxmemory-policy`: all but `noeviction` may evict sessions. */
  readonly memoryPolicy: string;
  readonly usedMemory: number;
  /** Bytes; 0: no limit. */
  readonly maxMemory: number;
  /** Keys in the database, those of other prefixes included. */
  readonly keys: number;
  readonly roundTripMs: number;
}
