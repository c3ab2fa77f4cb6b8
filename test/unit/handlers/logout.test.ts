import { describe, expect, it } from 'vitest';
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
    const expected = ['client_id', 'post_logout_redirect_uri', ...names];
    expect([...new URL(r.body).searchParams.keys()]).toEqual(expected);
    expect(r.log).toHaveLength(warnings);
    if (warnings) expect(r.log[0]?.line).toMatch(/^oidc: hint_left_out ref=\w+ the sign-out URL .* 8\d{3} bytes/);
  });

  it('of nobody goes nowhere else', async () => {
    const { logout } = fakeSignIn();
    const r = await logout();
    expect([r.status, r.body]).toEqual([302, '/_logout']);
  });
});
