import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CognitoProvider, startCognito } from '../../support/cognito-provider';
import { startPlusSite } from '../../support/plus/site';
import { callbackOf, cookiesOf, finish, page, signIn } from '../../support/plus/visitor';

describe('NGINX Plus', () => {
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

  it('signs in, and gives the location the claims and the access token', async () => {
    const person = await signIn(await start());
    const page = await person.get('/reports?a=b');
    expect(page.status).toBe(200);
    expect(JSON.parse(page.body)).toMatchObject({
      sub: cognito.person.sub,
      access_token: expect.stringMatching(/^ey/),
    });
  });

  it('comes back to the page that was asked for, and sets the cookie with the configured flags', async () => {
    const site = await start();
    const { callback } = await signIn(site, '/reports?a=b&c=/d');
    expect(callback.headers.Location).toBe('/reports?a=b&c=/d');
    expect(callback.headers['Set-Cookie']).toContainEqual(
      expect.stringMatching(/^auth_token=[A-Za-z0-9_-]{43}; Path=\/; SameSite=Lax; HttpOnly; Secure$/),
    );
  });

  it('sets the session cookie before it removes the one of the login', async () => {
    const { callback } = await signIn(await start());
    const names = cookiesOf(callback).map((pair) => pair.split('=')[0]);
    expect(names).toEqual(['auth_token', expect.stringMatching(/^__Host-oidc_login_/), '__Host-oidc_attempts']);
  });

  it.each([
    ['reloaded', (uri: string) => uri],
    ['of a login that nobody began', () => `/_codexch?code=C&state=${'A'.repeat(43)}`],
    ['with an error that nobody asked for', () => '/_codexch?error=access_denied'],
  ])('leads a signed-in person from a callback %s to the front page, and changes nothing', async (_name, uriOf) => {
    const site = await start();
    const { cookie, id, uri } = await signIn(site);
    const again = await site.request(page(uriOf(uri), cookie));
    expect([again.status, again.headers.Location, again.headers['Set-Cookie']]).toEqual([302, '/', undefined]);
    expect(cognito.grants('authorization_code')).toHaveLength(1);
    expect(site.nodes[0]?.dump('oidc_id_tokens')[id]).toMatch(/^ey/);
    site.nodes[0]?.set('oidc_id_tokens', id, '-');
    site.nodes[0]?.set('refresh_tokens', id, '-');
    expect((await site.request(page(uriOf(uri), cookie))).status).toBeGreaterThanOrEqual(400); // signed out
  });

  it.each([
    ['', 502, 'callback_invalid'],
    [`&state=${'A'.repeat(43)}`, 400, 'login_expired'],
  ])('says what an error says that belongs to no login (%j)', async (state, status, code) => {
    const site = await start();
    const answer = await site.request({ uri: `/_codexch?error=access_denied&error_description=%3Cb%3E${state}` });
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining('says: access_denied: &lt;b&gt;')]);
    expect(site.log.join('\n')).toMatch(new RegExp(`${code} .* says access_denied: <b>$`, 'm'));
  });

  it('keeps the zones that the API and the dashboard know', async () => {
    const site = await start();
    const { id } = await signIn(site);
    const [node] = site.nodes;
    expect(Object.keys(node?.dump('oidc_id_tokens') ?? {})).toEqual([id]);
    expect(Object.keys(node?.dump('oidc_access_tokens') ?? {})).toEqual([id]);
    expect(node?.dump('refresh_tokens')[id]).toMatch(/^refresh-/);
  });

  it('sends the secret together with PKCE, and neither where they are turned off', async () => {
    await signIn(await start());
    const [both] = cognito.grants('authorization_code');
    expect(both?.authorization).toMatch(/^Basic /);
    expect(both?.form.get('code_verifier')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    cognito.reset();
    await signIn(await start({ variables: { oidc_pkce_enable: '0', oidc_client_auth_method: 'client_secret_post' } }));
    const [posted] = cognito.grants('authorization_code');
    expect(posted?.form.get('client_secret')).toBe(cognito.client.secret);
    expect(posted?.form.has('code_verifier')).toBe(false);
  });

  it('refuses a callback that belongs to another browser', async () => {
    const site = await start();
    const callback = await callbackOf(await site.request(page('/')));
    const answer = await site.request({ uri: callback });
    expect(answer.status).toBe(400);
    expect(cognito.grants('authorization_code')).toEqual([]);
  });

  it('refuses an ID token of another issuer, signed by the same keys', async () => {
    const site = await start();
    cognito.does.claims = { iss: 'https://idp.evil.test' };
    const answer = await finish(site, await site.request(page('/')));
    expect(answer.status).toBe(500);
    expect(site.log.join('\n')).toContain('id_token_invalid');
    expect(site.nodes[0]?.dump('oidc_id_tokens')).toEqual({});
  });

  it('never writes a session id, a code or a token to the log', async () => {
    const site = await start();
    const { id, get } = await signIn(site);
    cognito.does.claims = { aud: 'somebody-else' };
    await finish(site, await site.request(page('/')));
    await get('/logout');
    const log = site.log.join('\n');
    expect(log).toContain('OIDC success');
    for (const secret of [id, 'ey', 'refresh-', cognito.client.secret]) expect(log).not.toContain(secret);
  });

  it('gives a script 401 instead of a redirect', async () => {
    const site = await start();
    const answer = await site.request({ uri: '/api', headers: { 'sec-fetch-mode': 'cors' } });
    expect(answer).toMatchObject({ status: 401, body: '{"error":"login_required","sign_in":"/_oidc_login"}\n' });
    expect(answer.headers['Set-Cookie']).toBeUndefined();
  });

  it('names what the configuration lacks', async () => {
    const site = await start({ variables: { oidc_hmac_key: 'ChangeMe' } });
    expect((await site.request(page('/'))).status).toBe(500);
    expect(site.log.join('\n')).toContain('$oidc_hmac_key');
  });

  it('shows an error on a page of its own, whatever the location does with its status', async () => {
    const site = await start({ variables: { internal_error_message: 'old text', oidc_hmac_key: 'short' } });
    const answer = await site.request(page('/'));
    expect(answer).toMatchObject({ status: 500, headers: { 'Content-Type': 'text/html; charset=utf-8' } });
    const [, reference] = /Reference: (\w{8})</.exec(answer.body) ?? [];
    expect(site.log[0]).toContain(`ReferenceID: ${reference} config_invalid`);
    expect(answer.body).not.toContain('$oidc_hmac_key');
    site.variables.oidc_debug = '1';
    expect((await site.request(page('/'))).body).toContain('Cause: config_invalid: $oidc_hmac_key must be');
  });

  it('answers what the provider refuses with 502, and a callback of nobody with 400', async () => {
    const site = await start();
    expect((await site.request({ uri: '/_codexch?state=x&error=access_denied' })).status).toBe(400);
    expect((await finish(site, await site.request(page('/')), { error: 'access_denied' })).status).toBe(502);
  });

  it('logs JSON on demand', async () => {
    const site = await start({ variables: { oidc_log_format: 'json' } });
    await site.request({ uri: '/_codexch?code=1' });
    expect(JSON.parse(site.log[0] ?? '')).toEqual({
      refId: expect.stringMatching(/^[0-9a-f]{8}$/),
      message: expect.stringMatching(/^callback_invalid /),
      code: 'callback_invalid',
      clientIp: '192.0.2.1',
      host: 'app.example.com',
      method: 'GET',
      uri: '/_codexch',
      httpVersion: '1.1',
    });
  });

  it('does not sign in again when auth_jwt refuses a token that has not ended', async () => {
    const site = await start();
    const { get, id } = await signIn(site);
    const node = site.nodes[0];
    const token = node?.dump('oidc_id_tokens')[id] ?? '';
    node?.set('oidc_id_tokens', id, `${token.slice(0, -8)}AAAAAAAA`);
    expect((await get('/')).status).toBe(500);
    expect(site.log.join('\n')).toContain('auth_jwt refuses an ID token that has not expired');
  });

  describe('a cluster with zone_sync', () => {
    it('waits for a session that another node made', async () => {
      const site = await start({ nodes: 2, delay: 150, variables: { zone_sync_leeway: '1000' } });
      const { get } = await signIn(site);
      expect((await get('/', 1)).status).toBe(200);
    });

    it('signs nobody out when two nodes renew at once, with rotation and no grace', async () => {
      cognito.does.rotate = true;
      const site = await start({ nodes: 2, delay: 150, variables: { zone_sync_leeway: '1000' } });
      cognito.does.lifetime = 1;
      const { get } = await signIn(site);
      cognito.does.lifetime = 3600;
      await sleep(1200);
      const answers = await Promise.all([0, 1, 0, 1].map((node) => get('/', node)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    });

    it('ends a session on every node', async () => {
      const site = await start({ nodes: 2, delay: 50, variables: { zone_sync_leeway: '200' } });
      const { get } = await signIn(site);
      await sleep(100);
      await get('/logout');
      await sleep(100);
      expect((await get('/', 1)).status).toBe(302);
    });
  });

  describe('sign-out', () => {
    it('marks every entry of the session as gone, and goes to the end-session endpoint', async () => {
      const site = await start({
        variables: { oidc_end_session_endpoint: `${cognito.domain}/logout`, oidc_logout_style: 'cognito' },
      });
      const { get, id } = await signIn(site);
      const answer = await get('/logout');
      const target = new URL(String(answer.headers.Location));
      expect(target.searchParams.get('logout_uri')).toBe('https://app.example.com:443/_logout');
      for (const zone of ['oidc_id_tokens', 'oidc_access_tokens', 'refresh_tokens']) {
        expect(site.nodes[0]?.dump(zone)).toEqual({ [id]: '-' });
      }
      expect((await get('/')).status).toBe(302);
    });

    it('hints with the ID token in the standard form', async () => {
      const site = await start({ variables: { oidc_end_session_endpoint: 'https://idp.example.com/end' } });
      const { get, id } = await signIn(site);
      const token = site.nodes[0]?.dump('oidc_id_tokens')[id];
      const target = new URL(String((await get('/logout')).headers.Location));
      expect(target.searchParams.get('id_token_hint')).toBe(token);
    });

    it('renews an ID token that the zone has dropped, to hint with it', async () => {
      const site = await start({ variables: { oidc_end_session_endpoint: 'https://idp.example.com/end' } });
      const { get, id } = await signIn(site);
      site.nodes[0]?.set('oidc_id_tokens', id, '');
      const target = new URL(String((await get('/logout')).headers.Location));
      expect(target.searchParams.get('id_token_hint')).toMatch(/^ey/);
      expect(cognito.grants('refresh_token')).toHaveLength(1);
      expect(site.nodes[0]?.dump('refresh_tokens')).toEqual({ [id]: '-' });
    });

    it.each([
      ['has neither an ID token nor a refresh token', { oidc_id_tokens: '', refresh_tokens: '' }],
      ['has an ID token that is none', { oidc_id_tokens: 'not-a-jwt' }],
      ['can no longer be renewed', { oidc_id_tokens: '', refresh_tokens: 'refresh-of-yesterday' }],
    ])('ends a session here that %s', async (_name, zones) => {
      const site = await start({ variables: { oidc_end_session_endpoint: 'https://idp.example.com/end' } });
      const { get, id } = await signIn(site);
      for (const [zone, value] of Object.entries(zones)) site.nodes[0]?.set(zone, id, value);
      const answer = await get('/logout');
      expect(answer.headers.Location).toBe('https://app.example.com:443/_logout');
      for (const zone of ['oidc_id_tokens', 'oidc_access_tokens', 'refresh_tokens']) {
        expect(site.nodes[0]?.dump(zone)).toEqual({ [id]: '-' });
      }
    });

    it('does nothing for another site', async () => {
      const site = await start();
      const { id, cookie } = await signIn(site);
      const answer = await site.request({ uri: '/logout', headers: { cookie, 'sec-fetch-site': 'cross-site' } });
      expect(answer.body).toContain('Do you want to sign out');
      expect(site.nodes[0]?.dump('oidc_id_tokens')[id]).toMatch(/^ey/);
    });
  });

  describe('front-channel logout', () => {
    const signInWithSid = async () => {
      cognito.does.claims = { sid: 'session-of-the-provider' };
      const site = await start();
      return { site, ...(await signIn(site)) };
    };

    it('ends the session of the sid, without a cookie', async () => {
      const { site, id } = await signInWithSid();
      const iss = encodeURIComponent(cognito.issuer);
      const uri = `/front_channel_logout?sid=session-of-the-provider&iss=${iss}`;
      expect(await site.request({ uri })).toMatchObject({ status: 200, body: 'Logout successful' });
      expect(site.nodes[0]?.dump('oidc_id_tokens')[id]).toBe('-');
      expect(await site.request({ uri })).toMatchObject({ status: 200 });
    });

    it('takes &amp; for &, but no sid twice', async () => {
      const { site, id } = await signInWithSid();
      const sid = 'sid=session-of-the-provider';
      expect((await site.request({ uri: `/front_channel_logout?${sid}&amp;${sid}` })).status).toBe(400);
      expect(site.nodes[0]?.dump('oidc_id_tokens')[id]).toMatch(/^ey/);
      await site.request({ uri: `/front_channel_logout?iss=${encodeURIComponent(cognito.issuer)}&amp;${sid}` });
      expect(site.nodes[0]?.dump('oidc_id_tokens')[id]).toBe('-');
    });

    it('works without iss, which Entra ID does not send', async () => {
      const { site, id } = await signInWithSid();
      await site.request({ uri: '/front_channel_logout?sid=session-of-the-provider' });
      expect(site.nodes[0]?.dump('refresh_tokens')[id]).toBe('-');
    });

    it('does nothing for another issuer, an unknown sid, no sid, or what this module keeps in the same zone', async () => {
      const { site, id } = await signInWithSid();
      const statusOf = async (query: string) => (await site.request({ uri: `/front_channel_logout${query}` })).status;
      expect(await statusOf('?sid=session-of-the-provider&iss=https%3A%2F%2Fevil.test')).toBe(400);
      expect(await statusOf('?sid=another')).toBe(200);
      expect(await statusOf(`?sid=first:${id}`)).toBe(200);
      expect(await statusOf('')).toBe(400);
      const twice = '?sid=session-of-the-provider&sid=session-of-the-provider';
      expect(await statusOf(twice)).toBe(400);
      expect((await site.request({ uri: `/front_channel_logout${twice.slice(0, 28)}`, method: 'POST' })).status).toBe(
        405,
      );
      expect(site.nodes[0]?.dump('oidc_id_tokens')[id]).toMatch(/^ey/);
      expect(site.log.join('\n')).not.toContain('session-of-the-provider');
    });

    it('by a sid that could be guessed ends only the session whose cookie comes along', async () => {
      cognito.does.claims = { sid: '17' };
      const site = await start();
      const { id, cookie } = await signIn(site);
      const uri = '/front_channel_logout?sid=17';
      const link = { cookie, 'sec-fetch-site': 'cross-site' };
      for (const headers of [{ cookie: '' }, { cookie: 'auth_token=another' }, link]) {
        expect((await site.request({ uri, headers })).status).toBe(200);
        expect(site.nodes[0]?.dump('oidc_id_tokens')[id]).toMatch(/^ey/);
      }
      await site.request({ uri, headers: { cookie } });
      expect(site.nodes[0]?.dump('oidc_id_tokens')[id]).toBe('-');
    });
  });
});
