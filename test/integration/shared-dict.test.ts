import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { engineDirective, freePort, type NginxProcess, onEachTarget, startNginx, useNginx } from '../support/nginx';
import { njsBundle } from '../support/njs-bundle';
import { type StoreUnderTest, storeContract } from '../support/store-contract';

onEachTarget('the store in a shared dictionary, 4 workers', (nginx) => {
  useNginx();
  let url: string;
  let process: NginxProcess;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    process = await startNginx({
      nginx,
      workers: 4,
      files: { 'conf.d/store.js': await njsBundle('store-handler.ts') },
      http: `${engineDirective(nginx)}
        js_import store from conf.d/store.js;
        js_shared_dict_zone zone=roomy:8m timeout=1h;
        js_shared_dict_zone zone=tiny:64k timeout=1h;
        server { listen 127.0.0.1:${port}; location / { client_body_buffer_size 1m; js_content store.call; } }`,
    });
  });

  const storeIn = (zone: string): StoreUnderTest & { keys(prefix: string): Promise<string[]> } => {
    const ask = async (operation: string, ...args: unknown[]) => {
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ zone, operation, args }) });
      const { result, error } = (await answer.json()) as { result?: unknown; error?: string };
      if (!answer.ok) throw Object.assign(new Error(error), { code: error });
      return result;
    };
    return {
      get: (key) => ask('get', key) as Promise<string | undefined>,
      set: (key, value, ttl) => ask('set', key, value, ttl) as Promise<void>,
      add: (key, value, ttl) => ask('add', key, value, ttl) as Promise<boolean>,
      delete: (key) => ask('delete', key) as Promise<void>,
      keys: (prefix) => ask('keys', prefix) as Promise<string[]>,
      pass: (seconds) => sleep(seconds * 1000),
    };
  };

  storeContract(() => storeIn('roomy'), { atomic: true });

  it('tells the keys that begin alike, however many there are', async () => {
    const store = storeIn('roomy');
    const keys = Array.from({ length: 1500 }, (_, n) => `many-${n}`);
    for (const key of keys) await store.set(key, 'value', 60);
    await store.set('few-1', 'value', 60);
    expect((await store.keys('many-')).sort()).toEqual(keys.sort());
    expect(await store.keys('few-')).toEqual(['few-1']);
    expect(await store.keys('no-')).toEqual([]);
  });

  it('says so when it is full, keeps what it has, and takes new entries once there is room', async () => {
    process.expectLog(/ngx_slab_alloc\(\) failed/);
    const store = storeIn('tiny');
    const value = 'x'.repeat(1000);
    let written = 0;
    await expect(
      (async () => {
        for (; written < 100; written++) await store.set(`full-${written}`, value, 60);
      })(),
    ).rejects.toMatchObject({ code: 'store_failed' });
    expect(written).toBeGreaterThan(10);
    for (let i = 0; i < written; i++) expect(await store.get(`full-${i}`)).toBe(value);
    await expect(Promise.resolve(store.set('full-0', 'y'.repeat(5000), 60))).rejects.toThrow('store_failed');
    expect(await store.get('full-0'), 'an overwrite that does not fit').toBe(value);
    await store.delete('full-0');
    await store.set('full-new', value, 60);
    expect(await store.get('full-new')).toBe(value);
  });
});
