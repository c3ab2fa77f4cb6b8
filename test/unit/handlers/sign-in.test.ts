import { describe, expect, it } from 'vitest';
import { removeZonesAfterwards } from '../../support/fake-ngx';
import { fakeSignIn } from '../../support/fake-sign-in';

removeZonesAfterwards();
const secure = { oidc_base_url: 'https://app.test' };

describe('a sign-in', () => {
  it('leads to the provider and back to the page', async () => {
    const { begin, comeBack, cookies, provider } = fakeSignIn();
    const { r, query, state } = await begin();
    expect(r.status).toBe(302);
    expect(query.get('code_challenge_method')).toBe('S256');
    const back = await comeBack(`code=C&state=${state}`);
    expect([back.status, back.body], back.log[0]?.line).toEqual([302, '/reports?x=1']);
    expect([...cookies.keys()].sort()).toEqual(['auth_token', 'oidc_attempts', 'oidc_person']);
    expect(provider.forms[0]?.get('redirect_uri')).toBe(query.get('redirect_uri'));
    expect(provider.forms[0]?.get('code_verifier')).toMatch(/^[\w-]{43}$/);
  });

  it('on https sets cookies that are Secure, HttpOnly and bound to the host', async () => {
    const { begin, comeBack } = fakeSignIn(secure);
    const { r, state } = await begin();
    const back = await comeBack(`code=C&state=${state}`);
    const lines = [r, back].flatMap(({ headersOut }) => headersOut['Set-Cookie'] as string[]);
    expect(lines).toHaveLength(6);
    const [bound, others] = [
      lines.filter((line) => line.startsWith('__Host-')),
      lines.filter((line) => !line.startsWith('__Host-')),
    ];
    expect(bound).toHaveLength(4);
    for (const line of bound) expect(line).toMatch(/^__Host-[^;]*; Path=\/; HttpOnly; SameSite=Lax; Secure/);
    expect(others.map((line) => line.replace(/=[^;]*/, ''))).toEqual([
      '__Secure-oidc_person; Path=/_codexch; HttpOnly; SameSite=Lax; Secure',
      '__Secure-oidc_person; Path=/_oidc_return; HttpOnly; SameSite=Lax; Secure',
    ]);
  });

  it('keeps nothing on the server until somebody has signed in', async () => {
    const { begin, zones } = fakeSignIn();
    for (let i = 0; i < 10; i++) await begin();
    expect(zones.oidc_sessions.entries.size).toBe(0);
  });

  it.each(['//evil.test/', '/\\evil.test', 'https://evil.test/', '/\t/evil.test'])('never ends at %j', async (path) => {
    const { begin, comeBack } = fakeSignIn();
    const { state } = await begin(path);
    expect((await comeBack(`code=C&state=${state}`)).body).toBe('/');
  });

  it('that fails never links to another site', async () => {
    const { ask } = fakeSignIn();
    const flow = (await import('../../../src/flow')).default;
    const r = await ask(flow.auth, { request_uri: '//evil.test/', oidc_gate_error: 'store_failed full' });
    expect([r.status, /href="([^"]*)"/.exec(r.body)?.[1]]).toEqual([503, '/']);
  });

  it.each([
    [{ oidc_cookie_name: 'sid' }, 'sid'],
    [{ oidc_cookie_domain: 'app.test' }, 'auth_token'],
    [{ oidc_cookie_name: 'sid', oidc_cookie_domain: 'app.test', ...secure }, '__Secure-sid'],
  ])('and all that follows know the name of the cookie: %j', async (settings, name) => {
    const { begin, comeBack, ask, cookies, logout } = fakeSignIn(settings);
    const { oidcLogin } = (await import('../../../src/flow')).default;
    const args = `code=C&state=${(await begin()).state}`;
    await comeBack(args);
    expect(cookies.get(name)).toMatch(/^[\w-]{43}$/);
    const again = await comeBack(args);
    expect([again.status, again.body]).toEqual([302, '/']); // signed in already, who reloads the callback
    const link = await ask(oidcLogin, { args: 'return=/x', uri: '/_oidc_login' });
    expect([link.status, link.body]).toEqual([302, '/x']);
    expect((await logout()).body).toContain('https://idp.test/logout');
    expect(cookies.has(name)).toBe(false);
  });

  it('never uses a session id that came with the browser', async () => {
    const { begin, comeBack, cookies } = fakeSignIn();
    cookies.set('auth_token', 'A'.repeat(43));
    const { state } = await begin();
    await comeBack(`code=C&state=${state}`);
    expect(cookies.get('auth_token')).toMatch(/^(?!A{43})[\w-]{43}$/);
  });

  it('ends the session that the browser had before', async () => {
    const { begin, comeBack, cookies, zones } = fakeSignIn();
    await comeBack(`code=C&state=${(await begin()).state}`);
    const first = cookies.get('auth_token');
    const before = [...zones.oidc_sessions.entries].filter(([key]) => key.startsWith('s:'));
    await comeBack(`code=C&state=${(await begin()).state}`);
    expect(cookies.get('auth_token')).not.toBe(first);
    const old = zones.oidc_sessions.entries.get(before[0]?.[0] ?? '');
    expect(old?.ends).toBeLessThanOrEqual(zones.now + 40);
  });
});

describe('a callback', () => {
  const refused = async (
    args: (state: string) => string,
    change: (site: ReturnType<typeof fakeSignIn>) => void = () => {},
  ) => {
    const site = fakeSignIn();
    const { state } = await site.begin();
    change(site);
    const r = await site.comeBack(args(state));
    expect(site.cookies.has('auth_token')).toBe(false);
    expect(site.zones.oidc_sessions.entries.size).toBe(0);
    return { ...r, code: /oidc: (\w+)/.exec(r.log[0]?.line ?? '')?.[1] };
  };

  it('without the cookie of its state is refused: it began in another browser', async () => {
    const { status, code } = await refused(
      (state) => `code=C&state=${state}`,
      ({ cookies }) => cookies.clear(),
    );
    expect([status, code]).toEqual([400, 'login_expired']);
  });

  it('with a state of the same beginning does not open the cookie', async () => {
    const other = (state: string) => state.slice(0, 20) + 'A'.repeat(23);
    expect(await refused((state) => `code=C&state=${other(state)}`)).toMatchObject({ code: 'login_expired' });
  });

  it('cannot be used twice', async () => {
    const { begin, comeBack, cookies, provider } = fakeSignIn();
    const { state } = await begin();
    await comeBack(`code=C&state=${state}`);
    cookies.delete('auth_token');
    expect((await comeBack(`code=C&state=${state}`)).status).toBe(400);
    expect(provider.forms).toHaveLength(1);
  });

  it.each([
    ['reloaded', (state: string) => `code=C&state=${state}`],
    ['of a login that nobody began', () => `code=C&state=${'A'.repeat(43)}`],
    ['with an error that nobody asked for', () => 'error=access_denied&error_description=call+me'],
  ])('%s by somebody who is signed in leads to the front page and changes nothing', async (_name, args) => {
    const { begin, comeBack, cookies, zones } = fakeSignIn();
    const { state } = await begin();
    await comeBack(`code=C&state=${state}`);
    const before = [[...cookies], [...zones.oidc_sessions.entries].map(([key, { value }]) => [key, value])];
    const again = await comeBack(args(state));
    expect([again.status, again.body, again.headersOut['Set-Cookie']]).toEqual([302, '/', undefined]);
    expect([again.subrequests, again.log]).toEqual([[], []]);
    expect([[...cookies], [...zones.oidc_sessions.entries].map(([key, { value }]) => [key, value])]).toEqual(before);
  });

  it('that is broken is refused also for somebody who is signed in', async () => {
    const { begin, comeBack } = fakeSignIn();
    await comeBack(`code=C&state=${(await begin()).state}`);
    expect((await comeBack('code=C&code=D')).status).toBe(400);
  });

  it('with a session that has ended is refused like any other', async () => {
    const { begin, comeBack, zones } = fakeSignIn();
    const { state } = await begin();
    await comeBack(`code=C&state=${state}`);
    zones.oidc_sessions.entries.clear();
    expect((await comeBack(`code=C&state=${state}`)).status).toBe(400);
  });

  it('sets the session cookie before it removes the one of the login', async () => {
    const { begin, comeBack } = fakeSignIn();
    const back = await comeBack(`code=C&state=${(await begin()).state}`);
    const lines = back.headersOut['Set-Cookie'] as string[];
    expect(lines.map((line) => line.split('=')[0])).toEqual([
      'auth_token',
      expect.stringMatching(/^oidc_login_/),
      'oidc_person',
      'oidc_person',
      'oidc_attempts',
    ]);
  });

  it.each([
    ['an unknown state', `&state=${'A'.repeat(43)}`, 'login_expired'],
    ['no state', '', 'callback_invalid'],
  ])('with an error and %s shows and logs what it says, and uses up no login', async (_name, state, code) => {
    const { begin, comeBack, cookies } = fakeSignIn();
    await begin();
    const login = [...cookies].filter(([name]) => name.startsWith('oidc_login_'));
    const { status, body, log } = await comeBack(
      `error=invalid_request&error_description=%3Ci%3Estate%0Ais+short${state}`,
    );
    expect(status).toBe(400);
    expect(body).toContain('What came back says: invalid_request: &lt;i&gt;state?is short');
    expect(log).toEqual([
      {
        level: 'warn',
        line: expect.stringMatching(new RegExp(`${code} .* says invalid_request: <i>state\\?is short$`)),
      },
    ]);
    expect([...cookies].filter(([name]) => name.startsWith('oidc_login_'))).toEqual(login);
  });

  it.each([
    ['of another issuer', '&iss=https%3A%2F%2Fevil.test', {}],
    ['without the issuer that the metadata promise', '', { authorization_response_iss_parameter_supported: true }],
  ])('%s is refused (RFC 9207)', async (_name, iss, metadata) => {
    const result = await refused(
      (state) => `code=C&state=${state}${iss}`,
      ({ provider, zones }) => {
        zones.oidc_provider.entries.clear();
        Object.assign(provider.metadata, metadata);
      },
    );
    expect(result.code).toBe('issuer_mismatch');
  });

  it.each<[string, object]>([
    ['another nonce', { nonce: 'another' }],
    ['another audience', { aud: 'other' }],
    ['an end in the past', { exp: 1_700_000_000 }],
  ])('whose ID token has %s is refused', async (_name, claims) => {
    const result = await refused(
      (state) => `code=C&state=${state}`,
      ({ provider }) => Object.assign(provider.claims, claims),
    );
    expect([result.status, result.code]).toEqual([403, 'id_token_invalid']);
  });

  it('without an ID token is refused', async () => {
    const result = await refused(
      (state) => `code=C&state=${state}`,
      ({ provider }) => Object.assign(provider.tokens, { id_token: undefined }),
    );
    expect(result.code).toBe('token_response_invalid');
  });

  it('is a GET', async () => {
    const { begin, ask } = fakeSignIn();
    const { state } = await begin();
    const flow = (await import('../../../src/flow')).default;
    const post = (r: NginxHTTPRequest) => flow.codeExchange(Object.assign(r, { method: 'POST' }));
    expect((await ask(post, { args: `code=C&state=${state}` })).status).toBe(400);
  });

  it('of a person whom UserInfo does not know is refused', async () => {
    const site = fakeSignIn({ oidc_userinfo: '1' });
    site.provider.userinfo = { sub: 'mallory' };
    const r = await site.comeBack(`code=C&state=${(await site.begin()).state}`);
    expect([r.status, site.cookies.has('auth_token')]).toEqual([403, false]);
  });

  it('with what the provider says shows it as text', async () => {
    const { body, code } = await refused((state) => `error=access_denied&error_description=%3Cb%3E&state=${state}`);
    expect([code, body.includes('access_denied: &lt;b&gt;')]).toEqual(['provider_error', true]);
  });
});

describe('a sign-in that leads nowhere', () => {
  it('is stopped after five times, and says why', async () => {
    const { begin, comeBack, ask, provider } = fakeSignIn();
    provider.claims.aud = 'other';
    for (let i = 0; i < 5; i++) await comeBack(`code=C&state=${(await begin()).state}`);
    const flow = (await import('../../../src/flow')).default;
    const stopped = await ask(flow.auth, { request_uri: '/' });
    expect(stopped.status).toBe(429);
    expect(stopped.body).toContain('reference of the last error is 0123456789ab');
  });
});

describe('a request that no person made', () => {
  it('gets 401 in JSON and no cookie', async () => {
    const { ask } = fakeSignIn();
    const flow = (await import('../../../src/flow')).default;
    const r = await ask(flow.auth, { request_uri: '/api', http_sec_fetch_mode: 'cors' });
    expect([r.status, r.body, r.headersOut['Set-Cookie']]).toEqual([
      401,
      '{"error":"login_required","sign_in":"/_oidc_login"}\n',
      undefined,
    ]);
  });
});
