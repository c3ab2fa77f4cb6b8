import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import {
  type Canned,
  type Endpoint,
  type MisbehavingProvider,
  startMisbehavingProvider,
} from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

const timeout = 2;

const answers: [string, Canned][] = [
  ['100 KB of JSON', { body: JSON.stringify({ filler: 'x'.repeat(100_000) }) }],
  ['2 MB of JSON', { body: JSON.stringify({ filler: 'x'.repeat(2_000_000) }) }],
  ['gzip although nobody asked', { body: '{"access_token":"a","token_type":"Bearer"}', gzip: true }],
  ['HTML', { body: '<html><body>Maintenance</body></html>', headers: { 'content-type': 'text/html' } }],
  ['nothing', { body: '' }],
  ['an error in a 200', { body: '{"error":"server_error"}' }],
  ['a list', { body: '[]' }],
  ['JSON that is nested too deep', { body: `${'['.repeat(20_000)}` }],
  [
    'half of what it announced',
    { body: `{"access_token":"${'a'.repeat(500)}","token_type":"Bearer"}`, cutOffAfter: 100 },
  ],
  ['a connection that closes', { reset: true }],
  ['an answer after the timeout', { body: '{}', delayMs: 4000 }],
  ['one byte at a time', { body: JSON.stringify({ filler: 'x'.repeat(60) }), drip: { bytes: 1, everyMs: 100 } }],
  ['500', { status: 500, body: 'oops' }],
  ['404', { status: 404, body: 'gone' }],
  ['a redirect', { status: 302, headers: { location: 'https://evil.test/' } }],
  ['bytes that are no UTF-8', { body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('latin1') }],
];

onEachTarget('a provider in trouble', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let agent: Agent;
  let site: Site;

  const start = () =>
    startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      changes: { alsoSet: { oidc_provider_timeout: String(timeout), oidc_userinfo: '1' } },
    });

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    site = await start();
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });
  beforeEach(async () => {
    provider.reset();
    agent = createAgent();
    return () => agent.close();
  });

  const expectedLines = /oidc: |upstream prematurely closed|upstream timed out|recv\(\) failed/;

  /** An error page of ours, within the timeout, and no session. */
  async function expectErrorPage(at: Site, began = Date.now()): Promise<void> {
    at.nginx.expectLog(expectedLines);
    const page = await agent.navigate(`${at.url}/`);
    expect(Date.now() - began).toBeLessThan(timeout * 1000 + 1000);
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(page.text).toMatch(/Reference: [0-9a-f]{12}/);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(await agent.cookieNames(at.url)).not.toContain('auth_token');
    expect(application.requests).toHaveLength(0);
  }

  it.each(answers)('that answers a token request with %s gives an error page', async (_name, canned) => {
    provider.does.canned['/token'] = canned;
    await expectErrorPage(site);
  });

  it.each(answers)('that answers a UserInfo request with %s gives an error page', async (_name, canned) => {
    provider.does.canned['/userinfo'] = canned;
    await expectErrorPage(site);
  });

  const published: Endpoint[] = ['/metadata', '/jwks'];
  it.each(published)(
    'whose %s is wrong in every way gives error pages, and signs in when it is right again',
    async (endpoint) => {
      const fresh = await start();
      for (const [name, canned] of answers.filter(([, { delayMs, drip }]) => !delayMs && !drip)) {
        provider.does.canned[endpoint] = canned;
        await expectErrorPage(fresh).catch((error: Error) => {
          throw new Error(`${name}: ${error.message}`);
        });
      }
      provider.does.canned = {};
      await agent.jar.removeAllCookies(); // the loop page would come next
      expect((await agent.navigate(`${fresh.url}/`)).status).toBe(200);
      await fresh.stop();
      application.requests.length = 0;
    },
  );

  it.each(published)('whose %s is slow holds nobody longer than the timeout', async (endpoint) => {
    const fresh = await start();
    provider.does.canned[endpoint] = { body: '{}', delayMs: 5000 };
    await expectErrorPage(fresh);
    await fresh.stop();
  });

  it('is asked for its metadata and keys once, by whichever worker comes first', async () => {
    const fresh = await start();
    const agents = Array.from({ length: 20 }, () => createAgent());
    const pages = await Promise.all(agents.map((one) => one.navigate(`${fresh.url}/`)));
    expect(pages.map((page) => page.status)).toEqual(Array(20).fill(200));
    expect(provider.requests('/metadata')).toHaveLength(1);
    expect(provider.requests('/jwks')).toHaveLength(1);
    await Promise.all(agents.map((one) => one.close()));
    await fresh.stop();
    application.requests.length = 0;
  });

  it('has its last good metadata and keys used when they are old and it is down', async () => {
    const fresh = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      changes: { alsoSet: { oidc_provider_timeout: '2', oidc_metadata_ttl: '1' } },
    });
    expect((await agent.navigate(`${fresh.url}/`)).status).toBe(200);
    await sleep(2100);
    provider.does.canned['/metadata'] = { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } };
    provider.does.canned['/jwks'] = { status: 503 };
    const other = createAgent();
    expect((await other.navigate(`${fresh.url}/`)).status).toBe(200);
    expect(provider.requests('/metadata').length).toBeGreaterThan(1);
    expect(fresh.nginx.errorLog()).toContain('the last good one stays in use');
    await other.close();
    await fresh.stop();
    application.requests.length = 0;
  });

  it('that changed its key is asked for the new one at once, in the same sign-in', async () => {
    const fresh = await start();
    expect((await agent.navigate(`${fresh.url}/`)).status).toBe(200);
    provider.does.publishedKeys = [1, 2];
    provider.does.signingKeyNumber = 2;
    const other = createAgent();
    expect((await other.navigate(`${fresh.url}/`)).status).toBe(200);
    expect(provider.requests('/jwks')).toHaveLength(2);
    await other.close();
    await fresh.stop();
    application.requests.length = 0;
  });

  const signsIn = async (at: Site) => {
    const other = createAgent();
    const { status } = await other.navigate(`${at.url}/`);
    await other.close();
    return status;
  };

  it('that makes one new key after the other signs in with each at once', async () => {
    const fresh = await start();
    expect(await signsIn(fresh)).toBe(200);
    for (const number of [2, 3, 4]) {
      provider.does.publishedKeys = [1, number];
      provider.does.signingKeyNumber = number;
      expect(await signsIn(fresh)).toBe(200);
    }
    expect(provider.requests('/jwks')).toHaveLength(4);
    await fresh.stop();
    application.requests.length = 0;
  });

  it('that changed its key under the same name is asked for it once, by one of many who come at once', async () => {
    const fresh = await start();
    const named = { kid: 'always-the-same' };
    provider.does.jwks = ({ keys }) => ({ keys: keys.map((key) => ({ ...key, ...named })) });
    provider.does.header = (header) => ({ ...header, ...named });
    expect(await signsIn(fresh)).toBe(200);
    provider.does.publishedKeys = [2];
    provider.does.signingKeyNumber = 2;
    expect(await Promise.all(Array.from({ length: 10 }, () => signsIn(fresh)))).toEqual(Array(10).fill(200));
    expect(provider.requests('/jwks')).toHaveLength(2);
    await fresh.stop();
    application.requests.length = 0;
  });

  it.each([
    ['with keys that do not exist', 'no-such-key'],
    ['with a signature of another key', 'RS256-1'],
  ])('is asked three times in 30 s and not more for tokens %s', async (_name, kid) => {
    const fresh = await start();
    expect(await signsIn(fresh)).toBe(200);
    provider.does.signingKeyNumber = 2;
    provider.does.header = (header) => ({ ...header, kid });
    for (let i = 0; i < 10; i++) expect(await signsIn(fresh)).toBe(403);
    expect(provider.requests('/jwks')).toHaveLength(4);
    expect(fresh.nginx.errorLog()).toMatch(/the keys were fetched a moment ago, and can be again in \d+ s/);
    await fresh.stop();
    application.requests.length = 0;
  });
});
