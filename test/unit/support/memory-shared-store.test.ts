import { describe, expect, it } from 'vitest';
import type { SharedStore } from '../../../src/store/shared-store';
import { type MemorySharedStore, memorySharedStore } from '../../support/memory-shared-store';
import { sharedStoreContract } from '../../support/shared-store-contract';

/** The contract waits: here the clock is the real one. */
function inRealTime(store: MemorySharedStore): SharedStore {
  return new Proxy(store, {
    get(target, name: keyof SharedStore) {
      target.now = Date.now() / 1000;
      return target[name];
    },
  });
}

describe('the shared store in memory', () => {
  const store = inRealTime(memorySharedStore());
  sharedStoreContract(() => store);

  it('tells that the feed does not reach back to a cursor: after a flush, and after very many ends', async () => {
    const memory = memorySharedStore();
    const { cursor } = await memory.changes('');
    for (let n = 0; n < 10_001; n++) await memory.end([`key-${n}`], 60);
    expect(await memory.changes(cursor)).toMatchObject({ lost: true });
    const later = await memory.changes('');
    memory.flush();
    expect(await memory.changes(later.cursor)).toMatchObject({ lost: true });
  });
});
