import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { SharedStore } from '../../src/store/shared-store';

/** What every shared store promises (src/store/shared-store.ts), as tests of the describe block that calls this. */
export function sharedStoreContract(open: () => SharedStore): void {
  let tests = 0;
  const key = () => `contract:${++tests}`; // stores may outlive a test

  it.each(['', 'a', '-', '1.2', 'a\nb', '\r\n$5\r\nhello\r\n', '{"a":1}', 'ü😀', 'x'.repeat(300_000)])(
    'gives back what was written',
    async (value) => {
      const [store, name] = [open(), key()];
      const version = await store.write(name, value, 60, 0);
      expect(version).toBeGreaterThan(0);
      expect(await store.read(name)).toEqual({ version, value });
      expect(await store.version(name)).toBe(version);
      expect(await store.read(`${name}-other`)).toBeUndefined();
      expect(await store.version(`${name}-other`)).toBeUndefined();
    },
  );

  it('writes only over the version that the writer knows, and raises it', async () => {
    const [store, name] = [open(), key()];
    expect(await store.write(name, 'none', 60, 5)).toBe('conflict');
    const first = (await store.write(name, 'first', 60, 0)) as number;
    expect(await store.write(name, 'late', 60, 0)).toBe('conflict');
    const second = (await store.write(name, 'second', 60, first)) as number;
    expect(second).toBeGreaterThan(first);
    expect(await store.write(name, 'late', 60, first)).toBe('conflict');
    expect(await store.read(name)).toEqual({ version: second, value: 'second' });
  });

  it('lets one of many who write at the same time win', async () => {
    const [store, name] = [open(), key()];
    const version = (await store.write(name, 'start', 60, 0)) as number;
    const many = Array.from({ length: 20 }, (_, who) => store.write(name, String(who), 60, version));
    const won = (await Promise.all(many)).map((result) => typeof result === 'number');
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await store.read(name)).toMatchObject({ value: String(won.indexOf(true)) });
  });

  it('gives a value that is written anew another version than the one that is gone', async () => {
    const [store, name] = [open(), key()];
    const version = (await store.write(name, 'first', 1, 0)) as number;
    await sleep(1100);
    expect(await store.write(name, 'second', 60, 0)).toBeGreaterThan(version);
  });

  it('forgets a value when its time is over, and not before', async () => {
    const [store, name] = [open(), key()];
    await store.write(name, 'value', 2, 0);
    await sleep(1000);
    expect(await store.read(name)).toMatchObject({ value: 'value' });
    await sleep(1100);
    expect(await store.read(name)).toBeUndefined();
  });

  it('prolongs what is there, and nothing else', async () => {
    const [store, name] = [open(), key()];
    expect(await store.prolong(name, 60)).toBe(false);
    const version = await store.write(name, 'value', 1, 0);
    expect(await store.prolong(name, 60)).toBe(true);
    await sleep(1200);
    expect(await store.read(name)).toEqual({ version, value: 'value' });
    await store.end([name], 1);
    expect(await store.prolong(name, 60)).toBe(false);
    await sleep(1200);
    expect(await store.read(name)).toBeUndefined();
  });

  it('leaves a tombstone where something was ended, over which nobody writes until its time is over', async () => {
    const [store, one, other] = [open(), key(), key()];
    const version = (await store.write(one, 'value', 60, 0)) as number;
    await store.end([one, other], 1);
    for (const name of [one, other]) {
      expect(await store.read(name)).toBe('ended');
      expect(await store.version(name)).toBe('ended');
      expect(await store.write(name, 'back', 60, name === one ? version : 0)).toBe('ended');
      expect(await store.add(name, 'back', 60)).toBe(false);
    }
    await sleep(1100);
    expect(await store.read(one)).toBeUndefined();
    expect(await store.write(one, 'new', 60, 0)).toBeGreaterThan(version);
    await store.end([], 1);
  });

  it('adds only where nothing is', async () => {
    const [store, name] = [open(), key()];
    expect(await store.add(name, 'first', 1)).toBe(true);
    expect(await store.add(name, 'first', 60)).toBe(false);
    expect(await store.read(name)).toMatchObject({ value: 'first' });
    await sleep(1100);
    const won = await Promise.all(Array.from({ length: 20 }, () => store.add(name, 'same', 60)));
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  it('locks for one owner at a time, and only the owner releases', async () => {
    const [store, name] = [open(), key()];
    expect(await store.isLocked(name)).toBe(false);
    const won = await Promise.all(Array.from({ length: 20 }, () => store.lock(name, 'me', 60)));
    expect(won.filter(Boolean)).toHaveLength(1);
    await store.unlock(name, 'm');
    await store.unlock(name, 'me ');
    await store.unlock(name, 'you');
    expect(await store.isLocked(name)).toBe(true);
    await store.unlock(name, 'me');
    expect(await store.isLocked(name)).toBe(false);
    expect(await store.lock(name, 'you', 1)).toBe(true);
    await sleep(1100);
    expect(await store.isLocked(name)).toBe(false);
    expect(await store.lock(name, 'me', 60)).toBe(true);
  });

  it('writes for the owner of a lock only', async () => {
    const [store, name, lock] = [open(), key(), key()];
    const mine = { key: lock, owner: 'me' };
    expect(await store.write(name, 'none', 60, 0, mine)).toBe('conflict');
    await store.lock(lock, 'you', 1);
    expect(await store.write(name, 'none', 60, 0, mine)).toBe('conflict');
    await sleep(1100);
    await store.lock(lock, 'me', 1);
    const version = (await store.write(name, 'value', 60, 0, mine)) as number;
    expect(await store.read(name)).toEqual({ version, value: 'value' });
    await sleep(1100);
    expect(await store.write(name, 'too late', 60, version, mine)).toBe('conflict');
  });

  it('keeps an index whose members have an end each', async () => {
    const [store, index] = [open(), key()];
    expect(await store.members(index)).toEqual([]);
    await store.link(index, 'short', 1, 5);
    await store.link(index, 'long', 60, 5);
    await store.link(index, 'a member with spaces', 50, 5);
    expect((await store.members(index)).sort()).toEqual(['a member with spaces', 'long', 'short']);
    await sleep(1100);
    expect((await store.members(index)).sort()).toEqual(['a member with spaces', 'long']);
    await store.unlink(index, 'long');
    await store.unlink(index, 'nobody');
    expect(await store.members(index)).toEqual(['a member with spaces']);
  });

  it('gives a member that is linked again its new end', async () => {
    const [store, index] = [open(), key()];
    await store.link(index, 'one', 1, 5);
    await store.link(index, 'one', 60, 5);
    await sleep(1100);
    expect(await store.members(index)).toEqual(['one']);
  });

  it('holds so many members in an index, and lets go of the soonest to end', async () => {
    const [store, index] = [open(), key()];
    for (const [member, ttl] of [
      ['b', 20],
      ['a', 10],
      ['d', 40],
      ['c', 30],
    ] as const) {
      await store.link(index, member, ttl, 3);
    }
    expect((await store.members(index)).sort()).toEqual(['b', 'c', 'd']);
  });

  it('tells what ended since, in order, and nothing twice', async () => {
    const store = open();
    const { cursor } = await store.changes('');
    expect(await store.changes(cursor)).toEqual({ cursor, ended: [], lost: false });
    const names = [key(), key(), key()];
    await store.end([names[0] as string, names[1] as string], 60);
    await store.end([names[2] as string], 60);
    const next = await store.changes(cursor);
    expect(next).toEqual({ cursor: expect.any(String), ended: names, lost: false });
    expect(await store.changes(next.cursor)).toEqual({ cursor: next.cursor, ended: [], lost: false });
  });

  it('tells of more changes than one answer holds by and by', async () => {
    const store = open();
    let { cursor } = await store.changes('');
    const names = Array.from({ length: 2100 }, () => key());
    for (let at = 0; at < names.length; at += 100) {
      await Promise.all(names.slice(at, at + 100).map((name) => store.end([name], 60)));
    }
    const ended: string[] = [];
    for (let round = 0; round < 4; round++) {
      const next = await store.changes(cursor);
      expect(next.lost).toBe(false);
      ended.push(...next.ended);
      cursor = next.cursor;
    }
    expect(ended.sort()).toEqual([...names].sort());
  });

  it('tells what kind of store it is', async () => {
    const store = open();
    await store.write(key(), 'value', 60, 0);
    const status = await store.status();
    expect(status.server).toMatch(/^(?:redis|valkey)$/);
    expect(status.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(status).toMatchObject({ role: 'master', memoryPolicy: 'noeviction', maxMemory: 0 });
    expect(status.usedMemory).toBeGreaterThan(100_000);
    expect(status.keys).toBeGreaterThan(0);
    expect(status.roundTripMs).toBeLessThan(1000);
  });
}
