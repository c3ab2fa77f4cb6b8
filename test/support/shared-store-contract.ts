import { expect, it } from 'vitest';
import type { SharedStore } from '../../src/store/shared-store';

/** A shared store as a test sees it, wherever it runs. */
export interface SharedStoreUnderTest extends SharedStore {
  /** Lets time pass, for the store. */
  pass(seconds: number): Promise<void> | void;
}

/**
 * What every shared store promises (src/store/shared-store.ts), as tests of the describe block that calls this.
 * @param open two nodes that share it
 */
export function sharedStoreContract(
  open: () =>
    | readonly [SharedStoreUnderTest, SharedStoreUnderTest]
    | Promise<readonly [SharedStoreUnderTest, SharedStoreUnderTest]>,
): void {
  let tests = 0;
  const run = Math.random().toString(36).slice(2);
  const key = () => `contract-${run}-${++tests}`; // stores may outlive a test

  it.each(['a', '-', '1.2', 'a\nb', 'a\r\n$5\r\nhello', '{"a":1}', 'ü😀', '\0', 'x'.repeat(100_000)])(
    'gives every node what one wrote, with its version',
    async (value) => {
      const [[one, two], name] = [await open(), key()];
      expect(await one.write(name, value, 60, 0)).toBe(1);
      expect(await two.read(name)).toEqual({ version: 1, value });
      expect(await two.version(name)).toBe(1);
      expect(await two.read(`${name}-other`)).toBeUndefined();
      expect(await two.version(`${name}-other`)).toBeUndefined();
    },
  );

  it('writes over the version that the writer knows, and over no other', async () => {
    const [[one, two], name] = [await open(), key()];
    expect(await one.write(name, 'first', 60, 1)).toBe('conflict');
    expect(await one.read(name)).toBeUndefined();
    await one.write(name, 'first', 60, 0);
    expect(await two.write(name, 'second', 60, 0)).toBe('conflict');
    expect(await two.write(name, 'second', 60, 2)).toBe('conflict');
    expect(await two.write(name, 'second', 60, 1)).toBe(2);
    expect(await one.write(name, 'third', 60, 1)).toBe('conflict');
    expect(await one.read(name)).toEqual({ version: 2, value: 'second' });
  });

  it('lets one of many writers win', async () => {
    const [[one, two], name] = [await open(), key()];
    await one.write(name, 'first', 60, 0);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, who) => (who % 2 ? one : two).write(name, String(who), 60, 1)),
    );
    expect(answers.filter((answer) => answer === 2)).toHaveLength(1);
    expect(await one.read(name)).toEqual({ version: 2, value: String(answers.indexOf(2)) });
  });

  it('forgets a value when its time is over, unless it is prolonged', async () => {
    const [[one, two], name] = [await open(), key()];
    await one.write(`${name}-a`, 'a', 2, 0);
    await one.write(`${name}-b`, 'b', 2, 0);
    expect(await two.prolong(`${name}-b`, 60)).toBe(true);
    expect(await two.prolong(`${name}-c`, 60)).toBe(false);
    await one.pass(2.1);
    expect([await one.version(`${name}-a`), await one.version(`${name}-b`)]).toEqual([undefined, 1]);
    expect(await one.prolong(`${name}-a`, 60)).toBe(false);
    expect(await one.version(`${name}-a`)).toBeUndefined();
  });

  it('has nothing in the place of what was ended, and lets nobody write there', async () => {
    const [[one, two], name] = [await open(), key()];
    await one.write(name, 'value', 60, 0);
    await two.end([name, `${name}-never`], 3);
    for (const ended of [name, `${name}-never`]) {
      expect(await one.read(ended)).toBe('ended');
      expect(await one.version(ended)).toBe('ended');
      expect(await one.write(ended, 'again', 60, 1)).toBe('ended');
      expect(await one.write(ended, 'again', 60, 0)).toBe('ended');
      expect(await one.prolong(ended, 60)).toBe(false);
    }
    await one.pass(3.1);
    expect(await one.read(name)).toBeUndefined();
    expect(await one.write(name, 'again', 60, 1)).toBe('conflict');
  });

  it('adds only where nothing is', async () => {
    const [[one, two], name] = [await open(), key()];
    const won = await Promise.all(Array.from({ length: 20 }, (_, who) => (who % 2 ? one : two).add(name, 'x', 2)));
    expect(won.filter(Boolean)).toHaveLength(1);
    await one.pass(2.1);
    expect(await two.add(name, 'x', 60)).toBe(true);
  });

  it('gives a lock to one owner, and takes it back from that owner alone', async () => {
    const [[one, two], name] = [await open(), key()];
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, who) => (who % 2 ? one : two).lock(name, `${who}`, 60)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await two.isLocked(name)).toBe(true);
    await two.unlock(name, 'somebody else');
    expect(await one.isLocked(name)).toBe(true);
    await two.unlock(name, String(won.indexOf(true)));
    expect(await one.isLocked(name)).toBe(false);
  });

  it('frees a lock whose time is over', async () => {
    const [[one, two], name] = [await open(), key()];
    expect(await one.lock(name, 'first', 2)).toBe(true);
    await one.pass(2.1);
    expect(await two.isLocked(name)).toBe(false);
    expect(await two.lock(name, 'second', 60)).toBe(true);
    await one.unlock(name, 'first');
    expect(await one.isLocked(name)).toBe(true);
  });

  it('writes under a lock for its owner alone', async () => {
    const [[one, two], name] = [await open(), key()];
    const lock = `${name}-lock`;
    await one.write(name, 'first', 60, 0);
    expect(await one.write(name, 'second', 60, 1, { key: lock, owner: 'me' })).toBe('conflict');
    await one.lock(lock, 'me', 2);
    expect(await two.write(name, 'second', 60, 1, { key: lock, owner: 'you' })).toBe('conflict');
    expect(await one.write(name, 'second', 60, 1, { key: lock, owner: 'me' })).toBe(2);
    await one.pass(2.1);
    expect(await one.write(name, 'third', 60, 2, { key: lock, owner: 'me' })).toBe('conflict');
    expect(await two.read(name)).toEqual({ version: 2, value: 'second' });
  });

  it('has indexes of members that end, of which the soonest to end gives way', async () => {
    const [[one, two], name] = [await open(), key()];
    expect(await one.members(name)).toEqual([]);
    await one.link(name, 'short', 2, 3);
    await two.link(name, 'long', 300, 3);
    await two.link(name, 'middle', 100, 3);
    expect(await one.members(name)).toEqual(['short', 'middle', 'long']);
    await one.link(name, 'longest', 400, 3);
    expect(await two.members(name)).toEqual(['middle', 'long', 'longest']);
    await two.unlink(name, 'long');
    await two.unlink(name, 'never there');
    expect(await one.members(name)).toEqual(['middle', 'longest']);
  });

  it('forgets members whose time is over', async () => {
    const [[one, two], name] = [await open(), key()];
    await one.link(name, 'short', 2, 10);
    await one.link(name, 'long', 60, 10);
    await one.pass(2.1);
    expect(await two.members(name)).toEqual(['long']);
  });

  it('tells every node once what ended after its cursor', async () => {
    const [[one, two], name] = [await open(), key()];
    const begin = await two.changes('');
    expect([begin.ended, begin.lost]).toEqual([[], false]);
    await one.end([`${name}-a`, `${name}-b`], 60);
    await two.end([`${name}-c`], 60);
    const next = await two.changes(begin.cursor);
    expect(next.ended.filter((ended) => ended.startsWith(name))).toEqual([`${name}-a`, `${name}-b`, `${name}-c`]);
    expect(next.lost).toBe(false);
    expect(await two.changes(next.cursor)).toMatchObject({ ended: [], lost: false });
  });
}
