import { afterAll, beforeAll, describe } from 'vitest';
import { storeNames } from '../../scripts/stores/find';
import { onEachTarget, useNginx } from '../support/nginx';
import { sharedStoreContract } from '../support/shared-store-contract';
import { type RunningStore, startStore } from '../support/store-server';
import { type StoreSite, startStoreSite } from '../support/store-site';

onEachTarget('the store that several machines share', (nginx) => {
  describe.each(storeNames)('in %s', (name) => {
    useNginx();
    let server: RunningStore;
    let site: StoreSite;

    beforeAll(async () => {
      server = await startStore(name);
      site = await startStoreSite(nginx, [server.port]);
    });
    afterAll(() => server.stop());

    sharedStoreContract(() => site.store);
  });
});
