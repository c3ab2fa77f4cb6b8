import { afterEach } from 'vitest';
import { oidcError } from '../../src/protocol/errors';
import { type MemoryStore, memoryStore } from './memory-store';

/** The zones of frontend.conf in memory, as the global `ngx` of a new njs; taken away after each test. `broken` makes reads fail, `freeSpace` counts for each of them. */
export function fakeZones() {
  const zones = { oidc_sessions: memoryStore(), oidc_provider: memoryStore(), oidc_tokens: memoryStore() };
  const control = { broken: false, freeSpace: 1_000_000 };
  const dict = (store: MemoryStore) => ({
    get: (key: string) => {
      if (control.broken) throw oidcError('store_failed', 'broken');
      return store.get(key);
    },
    set: (key: string, value: string, milliseconds: number) => store.set(key, value, milliseconds / 1000),
    add: (key: string, value: string, milliseconds: number) => store.add(key, value, milliseconds / 1000),
    has: (key: string) => store.get(key) !== undefined,
    delete: (key: string) => store.delete(key),
    keys: () => store.keys(''),
    freeSpace: () => control.freeSpace,
    capacity: 1_000_000,
  });
  const now = Math.floor(Date.now() / 1000);
  for (const zone of Object.values(zones)) zone.now = now;
  const shared = Object.fromEntries(Object.entries(zones).map(([name, store]) => [name, dict(store)]));
  Object.assign(globalThis, { ngx: { shared }, njs: { version_number: 0x010002 } });
  return { ...zones, control, now };
}

/** For a test file that uses fakeZones(). */
export function removeZonesAfterwards(): void {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'ngx');
    Reflect.deleteProperty(globalThis, 'njs');
  });
}

/** The variables of a site that is set up. */
export const siteVariables = {
  oidc_issuer: 'https://idp.test',
  oidc_client: 'client',
  oidc_client_secret: 'client-secret-of-32-characters-xx',
  oidc_hmac_key: 'a-key-for-tests-only-0123456789abcdef',
  scheme: 'http',
  host: 'app.test',
  server_name: 'app.test',
  server_port: '8010',
};
