import { oidcError } from '../../src/protocol/errors';
import type { SharedStore } from '../../src/store/shared-store';

/** What is wrong with the store: out of reach, without room, answers lost after the work was done. */
export type Trouble = 'unreachable' | 'refused' | 'full' | 'answers lost' | undefined;

/** A shared store in memory, for any number of nodes; the test moves its clock and breaks it. */
export interface MemorySharedStore extends SharedStore {
  /** Seconds. */
  now: number;
  trouble: Trouble;
  readonly values: Map<string, { version: number; value: string; ends: number }>;
  readonly tombstones: Map<string, number>;
  readonly locks: Map<string, { owner: string; ends: number }>;
  readonly indexes: Map<string, Map<string, number>>;
  /** How often each operation was asked for. */
  readonly asked: Record<string, number>;
  /** What a replica has, or a backup: to go back to. */
  snapshot(): () => void;
  flush(): void;
}

const writes = ['write', 'prolong', 'end', 'add', 'lock', 'link'];
const longestFeed = 10_000;

export function memorySharedStore(now = 1_000_000): MemorySharedStore {
  const values: MemorySharedStore['values'] = new Map();
  const tombstones: MemorySharedStore['tombstones'] = new Map();
  const locks: MemorySharedStore['locks'] = new Map();
  const indexes: MemorySharedStore['indexes'] = new Map();
  let feed: string[] = [];
  let dropped = 0;
  let epoch = 1;
  let latest = 0;
  const asked: Record<string, number> = {};

  const isOver = (ends: number | undefined) => ends === undefined || ends <= store.now;
  const found = (key: string) => {
    if (!isOver(tombstones.get(key))) return 'ended';
    const value = values.get(key);
    return value && !isOver(value.ends) ? value : undefined;
  };
  const holds = (key: string, owner: string) => {
    const lock = locks.get(key);
    return lock !== undefined && !isOver(lock.ends) && lock.owner === owner;
  };
  const liveMembers = (index: string) => {
    const members = indexes.get(index) ?? new Map<string, number>();
    for (const [member, ends] of members) if (isOver(ends)) members.delete(member);
    return members;
  };

  const plain: SharedStore = {
    async read(key) {
      const there = found(key);
      return typeof there === 'object' ? { version: there.version, value: there.value } : there;
    },
    async version(key) {
      const there = found(key);
      return typeof there === 'object' ? there.version : there;
    },
    async write(key, value, ttl, expected, lock) {
      const there = found(key);
      if (there === 'ended') return 'ended';
      if ((there?.version ?? 0) !== expected || (lock && !holds(lock.key, lock.owner))) return 'conflict';
      latest = Math.max(latest, expected) + 1 + Math.floor(Math.random() * 1000);
      values.set(key, { version: latest, value, ends: store.now + ttl });
      return latest;
    },
    async prolong(key, ttl) {
      const there = found(key);
      if (typeof there !== 'object') return false;
      there.ends = store.now + ttl;
      return true;
    },
    async end(keys, ttl) {
      for (const key of keys) {
        values.delete(key);
        tombstones.set(key, store.now + ttl);
        feed.push(key);
      }
      while (feed.length > longestFeed) {
        feed.shift();
        dropped++;
      }
    },
    async add(key, value, ttl) {
      if (found(key) !== undefined) return false;
      values.set(key, { version: 1, value, ends: store.now + ttl });
      return true;
    },
    async lock(key, owner, ttl) {
      if (!isOver(locks.get(key)?.ends)) return false;
      locks.set(key, { owner, ends: store.now + ttl });
      return true;
    },
    isLocked: async (key) => !isOver(locks.get(key)?.ends),
    async unlock(key, owner) {
      if (holds(key, owner)) locks.delete(key);
    },
    async link(index, member, ttl, most) {
      const members = liveMembers(index);
      members.set(member, store.now + ttl);
      const byEnd = [...members].sort((a, b) => a[1] - b[1]);
      for (const [first] of byEnd.slice(0, Math.max(0, members.size - most))) members.delete(first);
      indexes.set(index, members);
    },
    members: async (index) => [...liveMembers(index)].sort((a, b) => a[1] - b[1]).map(([member]) => member),
    async unlink(index, member) {
      indexes.get(index)?.delete(member);
    },
    async changes(cursor) {
      const next = `${epoch}-${dropped + feed.length}`;
      const [of, from] = cursor.split('-').map(Number) as [number, number];
      if (cursor === '') return { cursor: next, ended: [], lost: false };
      const lost = of !== epoch || from < dropped || from > dropped + feed.length;
      return { cursor: next, ended: lost ? [] : feed.slice(from - dropped), lost };
    },
    status: async () => ({
      server: 'valkey',
      version: '0.0.0',
      role: 'master',
      memoryPolicy: 'noeviction',
      usedMemory: 1_000_000,
      maxMemory: 0,
      keys: values.size + tombstones.size + locks.size + indexes.size,
      roundTripMs: 0,
    }),
  };

  /** Fails as the real one would, before the work or after it. */
  const ask = async (name: keyof SharedStore, args: unknown[]): Promise<unknown> => {
    asked[name] = (asked[name] ?? 0) + 1;
    if (store.trouble === 'unreachable') throw oidcError('store_unreachable', 'the test says so');
    if (store.trouble === 'refused') throw oidcError('store_refused', 'the test says so');
    if (store.trouble === 'full' && writes.includes(name)) throw oidcError('store_full', 'the test says so');
    const answer = await (plain[name] as (...all: unknown[]) => Promise<unknown>)(...args);
    if (store.trouble === 'answers lost') throw oidcError('store_unreachable', 'the answer was lost');
    return answer;
  };
  const operations = Object.fromEntries(
    (Object.keys(plain) as (keyof SharedStore)[]).map((name) => [name, (...args: unknown[]) => ask(name, args)]),
  ) as unknown as SharedStore;

  const store: MemorySharedStore = {
    ...operations,
    now,
    trouble: undefined,
    values,
    tombstones,
    locks,
    indexes,
    asked,
    snapshot() {
      const copies = [values, tombstones, locks].map(
        (map) => new Map(structuredClone([...map] as [string, unknown][])),
      );
      const links = structuredClone([...indexes]);
      return () => {
        for (const [at, map] of [values, tombstones, locks].entries()) {
          map.clear();
          for (const [key, value] of copies[at] as Map<string, never>) (map as Map<string, unknown>).set(key, value);
        }
        indexes.clear();
        for (const [index, members] of links) indexes.set(index, members);
        epoch++;
        feed = [];
        dropped = 0;
      };
    },
    flush() {
      for (const map of [values, tombstones, locks, indexes]) map.clear();
      epoch++;
      feed = [];
      dropped = 0;
    },
  };
  return store;
}
