import { expect, it } from 'vitest';
import type { Store } from '../../src/store/store';

type Async<T> = { [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<R> | R : never };

/** A store as a test sees it, wherever it runs. */
export interface StoreUnderTest extends Async<Store> {
  /** Lets time pass, for the store. */
  pass(seconds: number): Promise<void> | void;
}

export interface ContractOptions {
  /** Whether `add` has one winner however many try at the same time. */
  atomic: boolean;
}

/** What every store promises (src/store/store.ts), as tests of the describe block that calls this. */
export function storeContract(open: () => StoreUnderTest | Promise<StoreUnderTest>, { atomic }: ContractOptions): void {
  let tests = 0;
  const key = () => `contract-${++tests}`; // stores may outlive a test

  it.each(['a', '-', '1.2', 'a\nb', '{"a":1}', 'ü😀', 'x'.repeat(100_000)])(
    'gives back what was set',
    async (value) => {
      const [store, name] = [await open(), key()];
      await store.set(name, value, 60);
      expect(await store.get(name)).toBe(value);
      expect(await store.get(`${name}-other`)).toBeUndefined();
    },
  );

  it('takes a new value in the place of an old one, with its own time', async () => {
    const [store, name] = [await open(), key()];
    await store.set(name, 'first', 60);
    await store.set(name, 'second', 2);
    expect(await store.get(name)).toBe('second');
    await store.pass(2.1);
    expect(await store.get(name)).toBeUndefined();
  });

  it('forgets an entry when its time is over, and not before', async () => {
    const [store, name] = [await open(), key()];
    await store.set(name, 'value', 3);
    await store.pass(1.5);
    expect(await store.get(name)).toBe('value');
    await store.pass(1.6);
    expect(await store.get(name)).toBeUndefined();
  });

  it('adds only where nothing is, or what was there is over or deleted', async () => {
    const [store, name] = [await open(), key()];
    expect(await store.add(name, 'first', 2)).toBe(true);
    expect(await store.add(name, 'second', 60)).toBe(false);
    expect(await store.get(name)).toBe('first');
    await store.pass(2.1);
    expect(await store.add(name, 'third', 60)).toBe(true);
    await store.delete(name);
    expect(await store.get(name)).toBeUndefined();
    expect(await store.add(name, 'fourth', 60)).toBe(true);
    expect(await store.get(name)).toBe('fourth');
  });

  it('deletes what is not there without a word', async () => {
    const store = await open();
    await store.delete(key());
  });

  if (!atomic) return;
  it('lets one of many who add at the same time win', async () => {
    const [store, name] = [await open(), key()];
    const won = await Promise.all(Array.from({ length: 30 }, (_, who) => store.add(name, String(who), 60)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await store.get(name)).toBe(String(won.indexOf(true)));
  });
}
