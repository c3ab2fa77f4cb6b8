import { describe, expect, it } from 'vitest';
import { memorySharedStore } from '../../support/memory-shared-store';
import { sharedStoreContract } from '../../support/shared-store-contract';

describe('the shared store in memory', () => {
  sharedStoreContract(() => {
    const store = memorySharedStore();
    const node = {
      ...store,
      pass: (seconds: number) => {
        store.now += seconds;
      },
    };
    return [node, node];
  });

  it('tells that the feed does not reach back to a cursor: after a flush, and after very many ends', async () => {
    const store = memorySharedStore();
    const { cursor } = await store.changes('');
    for (let n = 0; n < 1001; n++) await store.end([`key-${n}`], 60);
    expect(await store.changes(cursor)).toMatchObject({ lost: true });
    const later = await store.changes('');
    store.flush();
    expect(await store.changes(later.cursor)).toMatchObject({ lost: true });
  });
});
