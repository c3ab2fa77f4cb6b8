import { describe } from 'vitest';
import { memoryStore } from '../../support/memory-store';
import { storeContract } from '../../support/store-contract';

describe('the memory store of the tests', () => {
  storeContract(
    () => {
      const store = memoryStore();
      const pass = (seconds: number) => {
        store.now += seconds;
      };
      return { ...store, pass };
    },
    { atomic: true },
  );
});
