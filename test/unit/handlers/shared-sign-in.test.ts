import { beforeEach, describe, expect, it, vi } from 'vitest';
import { removeZonesAfterwards } from '../../support/fake-ngx';
import { fakeSignIn } from '../../support/fake-sign-in';
import { type MemorySharedStore, memorySharedStore } from '../../support/memory-shared-store';

let shared: MemorySharedStore;
vi.mock('../../../src/store/redis', () => ({ sharedStoreOf: () => shared }));

removeZonesAfterwards();
beforeEach(() => {
  shared = memorySharedStore(Math.floor(Date.now() / 1000));
});
const site = { oidc_store: '1' };

describe('a sign-in on one of many machines', () => {
  it('makes a session in the store, found by its person and by its session at the provider', async () => {
    const browser = fakeSignIn(site);
    browser.provider.claims = { sid: 'one-session-at-the-provider' };
    const { state } = await browser.begin();
    expect((await browser.comeBack(`code=c&state=${state}`)).body).toBe('/reports?x=1');
    expect(shared.values.size).toBe(1);
    expect([...shared.indexes.keys()].map((name) => name.slice(0, 2)).sort()).toEqual(['a:', 'p:', 'u:']);
    expect(browser.cookies.get('auth_token')).toMatch(/^[\w-]{43}$/);
    await browser.logout();
    expect([shared.values.size, shared.tombstones.size]).toEqual([0, 1]);
  });

  it('needs no store before it comes back: another machine finishes it', async () => {
    const first = fakeSignIn(site);
    const { state } = await first.begin();
    expect(shared.asked).toEqual({});
    const second = fakeSignIn(site); // with zones of its own
    second.provider.nonce = first.provider.nonce;
    for (const [name, value] of first.cookies) second.cookies.set(name, value);
    expect((await second.comeBack(`code=c&state=${state}`)).body).toBe('/reports?x=1');
  });

  it.each(['unreachable', 'full'] as const)(
    'is a page with 503 while the store is %s, however often it is tried',
    async (trouble) => {
      const browser = fakeSignIn(site);
      for (let attempt = 0; attempt < 7; attempt++) {
        shared.trouble = undefined;
        browser.zones.oidc_sessions.entries.clear(); // nobody knows of the outage
        const { state, r } = await browser.begin();
        expect(r.status).toBe(302);
        shared.trouble = trouble;
        expect((await browser.comeBack(`code=c&state=${state}`)).status).toBe(503);
      }
      expect(browser.cookies.has('auth_token')).toBe(false);
    },
  );

  it('does not begin while the store is known to be away', async () => {
    const browser = fakeSignIn(site);
    const { state } = await browser.begin();
    shared.trouble = 'unreachable';
    await browser.comeBack(`code=c&state=${state}`);
    const cookies = [...browser.cookies.keys()];
    await expect(browser.begin()).rejects.toThrow('Invalid URL'); // a page in place of an address
    expect([...browser.cookies.keys()]).toEqual(cookies);
  });
});
