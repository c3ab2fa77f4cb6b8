import { describe, expect, it } from 'vitest';
import flow from '../../../src/flow';
import { removeZonesAfterwards } from '../../support/fake-ngx';
import { fakeSignIn } from '../../support/fake-sign-in';

removeZonesAfterwards();

const sid = 'one-session-at-the-provider';

async function signedIn(claims: Record<string, unknown> = { sid }, site = {}, name = 'auth_token') {
  const made = fakeSignIn(site);
  Object.assign(made.provider.claims, claims);
  await made.comeBack(`code=C&state=${(await made.begin()).state}`);
  expect(made.cookies.has(name)).toBe(true);
  const entries = (kinds: RegExp) => [...made.zones.oidc_sessions.entries.keys()].filter((key) => kinds.test(key));
  const frame = (args: string, variables: Record<string, string> = {}, method = 'GET') =>
    made.ask((r) => flow.handleFrontChannelLogout(Object.assign(r, { method })), { args, ...variables });
  return { ...made, frame, isLive: () => entries(/^[st]:/).length > 0, links: () => entries(/^p:/) };
}

const withoutCookie = { http_cookie: '', http_sec_fetch_site: 'cross-site' };

describe('a front-channel logout', () => {
  it('ends the session of the sid without its cookie', async () => {
    const { frame, isLive, links } = await signedIn();
    expect(links()).toHaveLength(1);
    const r = await frame(`iss=https%3A%2F%2Fidp.test&sid=${sid}`, withoutCookie);
    expect([r.status, r.body, r.headersOut['Set-Cookie']]).toEqual([200, 'Logout successful', undefined]);
    expect(r.headersOut['Cache-Control']).toBe('no-store');
    expect([isLive(), links()]).toEqual([false, []]);
  });

  it('takes the cookie back where it came along', async () => {
    const { frame, cookies } = await signedIn();
    await frame(`sid=${sid}`);
    expect(cookies.has('auth_token')).toBe(false);
  });

  it('knows the cookie by its name and Domain, where the sid alone does not do', async () => {
    const shared = { oidc_cookie_name: 'sid', oidc_cookie_domain: 'app.test' };
    const { frame, cookies, isLive } = await signedIn({ sid: '17' }, shared, 'sid');
    const r = await frame('sid=17');
    expect([isLive(), cookies.has('sid')]).toEqual([false, false]);
    expect(r.headersOut['Set-Cookie']).toEqual(['sid=; Path=/; Domain=app.test; HttpOnly; SameSite=Lax; Max-Age=0']);
  });

  it('knows the issuer also where the endpoints are set by hand', async () => {
    const byHand = {
      oidc_issuer: '',
      oidc_authz_endpoint: 'https://idp.test/authorize',
      oidc_token_endpoint: 'https://idp.test/token',
      oidc_jwt_keyfile: 'https://idp.test/.well-known/jwks.json',
    };
    const { frame } = await signedIn();
    expect((await frame(`iss=https%3A%2F%2Fother.test&sid=${sid}`, byHand)).status).toBe(400);
    expect((await frame(`iss=https%3A%2F%2Fidp.test&sid=${sid}`, byHand)).status).toBe(200);
    const unknown = await frame(`sid=${sid}`, { ...byHand, oidc_jwt_keyfile: '/etc/keys.json' });
    expect([unknown.status, unknown.log[0]?.line]).toEqual([500, expect.stringContaining('config_invalid')]);
  });

  it.each(['POST', 'HEAD', 'PUT'])('is no %s', async (method) => {
    const { frame, isLive } = await signedIn();
    const r = await frame(`sid=${sid}`, withoutCookie, method);
    expect([r.status, r.headersOut.Allow]).toEqual([405, 'GET']);
    expect(isLive()).toBe(true);
  });

  it('that no provider sends is refused and logged as a warning, without the sid', async () => {
    const { frame, isLive } = await signedIn();
    const r = await frame(`sid=${sid}&iss=https://evil.test`);
    expect([r.status, r.body, r.headersOut['Set-Cookie']]).toEqual([400, 'Logout failed', undefined]);
    expect(r.log).toEqual([
      { level: 'warn', line: expect.stringMatching(/^oidc: logout_invalid ref=\w+ .*evil\.test/) },
    ]);
    expect(r.log[0]?.line).not.toContain(sid);
    expect(isLive()).toBe(true);
  });

  describe('by a sid that could be guessed', () => {
    it('ends the session whose cookie comes along', async () => {
      const { frame, isLive, cookies } = await signedIn({ sid: '17' });
      await frame('sid=17', { http_sec_fetch_site: 'same-site' });
      expect([isLive(), cookies.has('auth_token')]).toEqual([false, false]);
    });

    it.each([
      ['no cookie', '17', withoutCookie],
      ['a link of another site', '17', { http_sec_fetch_site: 'cross-site' }],
      ['the cookie of a session with another sid', '16', {}],
    ])('ends nothing with %s', async (_name, guess, variables: Record<string, string>) => {
      const { frame, isLive, cookies } = await signedIn({ sid: '17' });
      expect((await frame(`sid=${guess}`, variables)).status).toBe(200);
      expect([isLive(), cookies.has('auth_token')]).toEqual([true, true]);
    });
  });

  it('has nothing to do after a sign-out', async () => {
    const { frame, logout, links } = await signedIn();
    await logout({ http_sec_fetch_site: 'same-origin' });
    expect(links()).toEqual([]);
    expect((await frame(`sid=${sid}`, withoutCookie)).status).toBe(200);
  });
});
