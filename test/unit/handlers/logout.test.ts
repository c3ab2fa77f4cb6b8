import { describe, expect, it } from 'vitest';
import flow from '../../../src/flow';
import { oidcError } from '../../../src/protocol/errors';
import { removeZonesAfterwards } from '../../support/fake-ngx';
import { fakeSignIn } from '../../support/fake-sign-in';

removeZonesAfterwards();

async function signedIn(site: Record<string, string> = {}) {
  const made = fakeSignIn(site);
  await made.comeBack(`code=C&state=${(await made.begin()).state}`);
  expect(made.cookies.has('auth_token')).toBe(true);
  const live = () => [...made.zones.oidc_sessions.entries.keys()].filter((key) => /^[st]:/.test(key));
  return { ...made, live };
}

describe('a sign-out', () => {
  it('ends the session here, then at the provider', async () => {
    const { logout, live, cookies } = await signedIn();
    const r = await logout({ http_sec_fetch_site: 'same-origin' });
    const to = new URL(r.body);
    expect([r.status, to.origin + to.pathname]).toEqual([302, 'https://idp.test/logout']);
    expect(to.searchParams.get('post_logout_redirect_uri')).toBe('http://app.test:8010/_logout');
    expect(to.searchParams.get('id_token_hint')?.split('.')).toHaveLength(3);
    expect(live()).toEqual([]);
    expect(cookies.has('auth_token')).toBe(false);
  });

  it.each([{ http_sec_fetch_site: 'cross-site' }, { http_sec_fetch_site: 'same-site' }])(
    'that another site caused (%j) ends nothing, and asks',
    async (headers) => {
      const { logout, live, cookies } = await signedIn();
      const before = live();
      const r = await logout(headers);
      expect([r.status, r.headersOut['Set-Cookie']]).toEqual([200, undefined]);
      expect(r.body).toContain('<form method="post" action="/logout">');
      expect(live()).toEqual(before);
      expect(cookies.has('auth_token')).toBe(true);
    },
  );

  it.each([
    ['is short enough for a URL', 5000, 0],
    ['is too long for one, which the log says', 6000, 1],
  ])('has an ID token for a hint that %s', async (_name, length, warnings) => {
    const made = fakeSignIn();
    made.provider.claims = { filler: 'x'.repeat(length) };
    await made.comeBack(`code=C&state=${(await made.begin()).state}`);
    const r = await made.logout({ http_sec_fetch_site: 'same-origin' });
    expect(r.body.length).toBeLessThanOrEqual(8000);
    const names = warnings === 0 ? ['id_token_hint'] : [];
    const expected = ['client_id', 'post_logout_redirect_uri', ...names, 'state'];
    expect([...new URL(r.body).searchParams.keys()]).toEqual(expected);
    expect(r.log).toHaveLength(warnings);
    if (warnings) expect(r.log[0]?.line).toMatch(/^oidc: hint_left_out ref=\w+ the sign-out URL .* 8\d{3} bytes/);
  });

  describe('everywhere', () => {
    const everywhere = { args: 'everywhere=1', http_sec_fetch_site: 'same-origin' };
    const twice = async () => {
      const made = await signedIn();
      const [first] = made.cookies.values();
      made.cookies.clear();
      await made.comeBack(`code=C&state=${(await made.begin()).state}`);
      expect(made.live().filter((key) => key.startsWith('s:'))).toHaveLength(2);
      return { ...made, first };
    };
    const post = (made: Awaited<ReturnType<typeof twice>>, variables: Record<string, string> = {}) =>
      made.ask((r) => flow.logout(Object.assign(r, { method: 'POST' })), { ...everywhere, ...variables });

    it('ends the sessions of all browsers, then goes on as any other', async () => {
      const made = await twice();
      const r = await post(made);
      expect([r.status, new URL(r.body).origin]).toEqual([302, 'https://idp.test']);
      expect(made.live()).toEqual([]);
      expect(made.cookies.has('auth_token')).toBe(false);
    });

    it('ends nobody else', async () => {
      const made = await twice();
      made.cookies.clear();
      made.provider.claims.sub = 'bob';
      made.provider.userinfo.sub = 'bob';
      await made.comeBack(`code=C&state=${(await made.begin()).state}`);
      await post(made);
      expect(made.live().filter((key) => key.startsWith('s:'))).toHaveLength(2);
    });

    it.each([
      ['a link of the own site', 'GET', { http_sec_fetch_site: 'same-origin' }],
      ['an address that was typed in', 'GET', { http_sec_fetch_site: 'none' }],
      ['another site by POST', 'POST', { http_sec_fetch_site: 'cross-site' }],
      ['a neighbouring host by POST', 'POST', { http_sec_fetch_site: 'same-site' }],
      ['another origin by POST', 'POST', { http_sec_fetch_site: '', http_origin: 'https://evil.test' }],
    ])('that %s asks for ends nothing, and asks which', async (_name, method, headers) => {
      const made = await twice();
      const before = made.live();
      const r = await made.ask((request) => flow.logout(Object.assign(request, { method })), {
        ...everywhere,
        ...headers,
      });
      expect([r.status, r.headersOut['Set-Cookie'], made.live()]).toEqual([200, undefined, before]);
      for (const href of ['/logout', '/logout?everywhere=1']) {
        expect(r.body).toContain(`<form method="post" action="${href}">`);
      }
    });

    it.each(['everywhere', 'everywhere=', 'x=1&everywhere=1', 'everywhere=1&everywhere=1&%zz'])(
      'is what ?%s means',
      async (args) => {
        const made = await twice();
        await post(made, { args });
        expect(made.live()).toEqual([]);
      },
    );

    it.each(['', 'noteverywhere=1', 'everywhere2=1', 'x=everywhere'])('is not what ?%s means', async (args) => {
      const made = await twice();
      await post(made, { args });
      expect(made.live().filter((key) => key.startsWith('s:'))).toHaveLength(1);
    });

    it('says so where nobody knows whose sessions to end', async () => {
      const made = await twice();
      made.cookies.clear();
      const before = made.live();
      const nobody = await post(made);
      expect([nobody.status, made.live()]).toEqual([403, before]);
      expect(nobody.body).toContain('signed out in this browser only');
    });

    it('says so where the store fails, and has signed out in this browser', async () => {
      const made = await twice();
      const { add } = made.zones.oidc_sessions;
      let ends = 0;
      made.zones.oidc_sessions.add = (key, value, ttl) => {
        ends += key.startsWith('x:') ? 1 : 0;
        if (ends === 2) throw oidcError('store_failed', 'no room');
        return add(key, value, ttl);
      };
      const r = await post(made);
      expect([r.status, made.cookies.has('auth_token')]).toEqual([403, false]);
      expect(r.log.map(({ line }) => line.split(' ')[1])).toEqual(['store_failed', 'logout_incomplete']);
    });
  });

  it('of nobody goes nowhere else', async () => {
    const { logout } = fakeSignIn();
    const r = await logout();
    expect([r.status, r.body]).toEqual([302, '/_logout']);
  });
});
