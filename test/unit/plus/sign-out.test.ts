import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CognitoProvider, startCognito } from '../../support/cognito-provider';
import { logoutClaims } from '../../support/logout-claims';
import { type PlusSite, startPlusSite } from '../../support/plus/site';
import { page, signIn } from '../../support/plus/visitor';
import { signingKey } from '../../support/provider/keys';
import { compactToken, unsigned } from '../../support/provider/sign';

describe('sign-out on NGINX Plus', () => {
  let cognito: CognitoProvider;

  beforeAll(async () => {
    cognito = await startCognito();
  });
  afterEach(() => cognito.reset());
  afterAll(() => cognito.stop());

  const start = async (options: Parameters<typeof startPlusSite>[1] = {}) => {
    cognito.allow('https://app.example.com:443/_codexch', 'https://app.example.com:443/_logout');
    return startPlusSite(cognito, options);
  };
  const signed = async (changes: Record<string, unknown>) => {
    const { kid, privateKey } = await signingKey('RS256', 1);
    const claims = logoutClaims({ iss: cognito.issuer, aud: cognito.client.id }, changes);
    return compactToken({ alg: 'RS256', typ: 'logout+jwt', kid }, claims, privateKey);
  };
  const call = (site: PlusSite, token: string, node = 0) =>
    site.request(
      {
        method: 'POST',
        uri: '/back_channel_logout',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `logout_token=${token}`,
      },
      node,
    );
  const isIn = async ({ get }: Awaited<ReturnType<typeof signIn>>, node = 0) => (await get('/', node)).status === 200;

  it('by the back channel ends every session of the sid, or all of a person, and nobody else', async () => {
    const site = await start();
    cognito.does.claims = { sid: 'session-of-the-provider' };
    const [one, two] = [await signIn(site), await signIn(site)];
    cognito.does.claims = { sid: 'another-session-there' };
    const three = await signIn(site);
    cognito.does.claims = { sub: 'bob' };
    const bob = await signIn(site);
    const answer = await call(site, await signed({ sid: 'session-of-the-provider' }));
    expect([answer.status, answer.body, answer.headers['Cache-Control']]).toEqual([200, '', 'no-store']);
    expect([await isIn(one), await isIn(two), await isIn(three), await isIn(bob)]).toEqual([false, false, true, true]);
    const four = await signIn(site);
    expect((await call(site, await signed({ sub: 'bob' }))).status).toBe(200);
    expect([await isIn(three), await isIn(bob), await isIn(four)]).toEqual([true, false, false]);
    expect((await call(site, await signed({ sub: cognito.person.sub }))).status).toBe(200);
    expect(await isIn(three)).toBe(false);
  });

  it('by the back channel takes no token that does not hold, and none twice', async () => {
    const site = await start();
    const person = await signIn(site);
    const sub = cognito.person.sub;
    const proper = await signed({ sub });
    for (const token of [
      unsigned(proper),
      await signed({ sub, aud: 'other' }),
      await signed({ sub, nonce: 'N' }),
      '',
    ]) {
      const answer = await call(site, token);
      expect([answer.status, JSON.parse(answer.body).error]).toEqual([400, 'invalid_request']);
    }
    expect((await site.request({ uri: '/back_channel_logout' })).status).toBe(405);
    expect(await isIn(person)).toBe(true);
    expect((await call(site, proper)).status).toBe(200);
    expect(await isIn(person)).toBe(false);
    expect((await call(site, proper)).status).toBe(400);
    expect(site.log.join('\n')).not.toContain(proper);
  });

  it('by the back channel reaches a session that was renewed, and the other nodes', async () => {
    const site = await start({ nodes: 2, delay: 20 });
    cognito.does.claims = { sid: 'session-of-the-provider' };
    cognito.does.lifetime = 1;
    const person = await signIn(site);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    cognito.does.lifetime = 3600;
    expect(await isIn(person)).toBe(true);
    expect(cognito.grants('refresh_token').length).toBeGreaterThan(0);
    const links = () =>
      Object.entries(site.nodes[0]?.dump('oidc_sids') ?? {}).filter(
        ([key, value]) => /^[pu]:/.test(key) && value !== '-',
      );
    expect(links()).toHaveLength(2);
    expect((await call(site, await signed({ sid: 'session-of-the-provider' }))).status).toBe(200);
    expect(await isIn(person)).toBe(false);
    await vi.waitFor(async () => expect((await person.get('/', 1)).status).toBe(302), 2000);
  });

  it('everywhere ends the sessions of all browsers, when the own page asks for it by POST', async () => {
    const site = await start();
    const [one, two] = [await signIn(site), await signIn(site)];
    const post = (site_: string) =>
      site.request({
        method: 'POST',
        uri: '/logout?everywhere=1',
        headers: { cookie: one.cookie, 'sec-fetch-site': site_ },
      });
    const asked = await one.get('/logout?everywhere=1');
    expect([asked.status, (await post('cross-site')).status, await isIn(one), await isIn(two)]).toEqual([
      200,
      200,
      true,
      true,
    ]);
    expect(asked.body).toContain('<form method="post" action="/logout?everywhere=1">');
    expect((await post('same-origin')).status).toBe(302);
    expect([await isIn(one), await isIn(two)]).toEqual([false, false]);
    const again = await post('same-origin');
    expect([again.status, again.body]).toEqual([403, expect.stringContaining('signed out in this browser only')]);
  });

  it('leaves no link behind after an ordinary sign-out', async () => {
    const site = await start();
    cognito.does.claims = { sid: 'session-of-the-provider' };
    const { get } = await signIn(site);
    await get('/logout');
    const left = Object.entries(site.nodes[0]?.dump('oidc_sids') ?? {}).filter(([, value]) => value !== '-');
    expect(left).toEqual([]);
  });

  it('has no front-channel way to what the back channel keeps in the same zone', async () => {
    const site = await start();
    const person = await signIn(site);
    for (const key of Object.keys(site.nodes[0]?.dump('oidc_sids') ?? {})) {
      await site.request({ uri: `/front_channel_logout?sid=${encodeURIComponent(key)}` });
    }
    expect(await isIn(person)).toBe(true);
  });

  it('and the login endpoint lead nowhere else, and keep who is signed in', async () => {
    const site = await start();
    const begin = await site.request(page('/_oidc_login?return=/reports%3Fa=b'));
    expect(String(begin.headers.Location)).toContain(`${cognito.domain}/oauth2/authorize?`);
    const { get } = await signIn(site);
    expect((await get('/_oidc_login?return=/reports')).headers.Location).toBe('/reports');
    expect((await get('/_oidc_login?return=https://evil.test')).status).toBe(400);
  });
});
