import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

onEachTarget('sign-in', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  let agent: Agent;

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      http: 'client_max_body_size 10m;',
      changes: {
        variables: ['access_token', 'id_token'],
        proxyHeaders: { Authorization: 'Bearer $access_token', 'X-Id-Token': '$id_token' },
      },
    });
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });
  beforeEach(() => {
    provider.reset();
    application.requests.length = 0;
    agent = createAgent();
    return () => agent.close();
  });

  it('brings a person to the page that they wanted, with its query, and tells the application who they are', async () => {
    const page = await agent.navigate(`${site.url}/reports/2026?team=blue&q=a%26b`);
    expect(page.trail.map((step) => step.status)).toEqual([302, 302, 302, 200]);
    const echo = page.json<Echo & Record<string, unknown>>();
    expect(echo.url).toBe('/reports/2026?team=blue&q=a%26b');
    expect(echo.headers).toMatchObject({
      username: 'alice',
      'x-name': 'Alice Liddell',
      'x-email': 'alice@example.com',
      'x-groups': 'staff,admins',
    });
    expect(echo.headers.authorization).toMatch(/^Bearer access-[0-9a-f]{48}$/);
    expect(String(echo.headers['x-id-token']).split('.')).toHaveLength(3);
  });

  it('asks for a code with PKCE, state and nonce, and for the scopes of openid_connect.server_conf', async () => {
    await agent.navigate(`${site.url}/`);
    const [request] = provider.requests('/authorize');
    const query = Object.fromEntries(request?.query ?? []);
    expect(query).toMatchObject({
      response_type: 'code',
      client_id: 'test-client',
      redirect_uri: `${site.url}/_codexch`,
      scope: 'openid profile email offline_access',
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(query[name]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const [exchange] = provider.requests('/token');
    expect(exchange?.form.get('code_verifier')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(exchange?.headers.authorization).toMatch(/^Basic /);
    expect(exchange?.headers.cookie).toBeUndefined();
  });

  it('never repeats state, nonce or code challenge', async () => {
    for (let i = 0; i < 10; i++) await createAgent().get(`${site.url}/`);
    const answers = await Promise.all(Array.from({ length: 10 }, () => createAgent().get(`${site.url}/`)));
    const queries = answers.map((answer) => new URL(String(answer.headers.location)).searchParams);
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(new Set(queries.map((query) => query.get(name))).size).toBe(10);
    }
  });

  it('keeps the person signed in, on every worker, without the provider', async () => {
    await agent.navigate(`${site.url}/`);
    const calls = provider.requests('/token').length;
    await provider.down();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => agent.get(`${site.url}/page/${i}`)));
    await provider.up();
    expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200));
    expect(provider.requests('/token')).toHaveLength(calls);
  });

  it('removes its own cookies and the identity that a client claims before the application sees them', async () => {
    await agent.navigate(`${site.url}/`);
    await agent.jar.setCookie('theme=dark', site.url);
    const answer = await agent.get(`${site.url}/`, {
      headers: { username: 'root', 'x-email': 'root@example.com', authorization: 'Basic eDp5' },
    });
    const { headers } = answer.json<Echo & Record<string, unknown>>();
    expect(headers).toMatchObject({ username: 'alice', 'x-email': 'alice@example.com', cookie: 'theme=dark' });
    expect(headers.authorization).toMatch(/^Bearer access-/);
  });

  it('passes a body of 5 MB of a signed-in person on unchanged, and refuses that of others without reading on', async () => {
    const body = Buffer.alloc(5_000_000, 'x');
    const refused = await agent.get(`${site.url}/upload`, { method: 'POST', body });
    expect(refused.status).toBe(401);
    expect(application.requests).toHaveLength(0);
    await agent.navigate(`${site.url}/`);
    const passed = await agent.get(`${site.url}/upload`, { method: 'POST', body });
    expect(passed.json<Echo & Record<string, unknown>>().bodyBytes).toBe(5_000_000);
  });

  it('lets several tabs sign in at once, finished in reverse order', async () => {
    const starts = [];
    for (let i = 0; i < 10; i++) starts.push(await agent.get(`${site.url}/tab/${i}`));
    for (const [i, start] of [...starts.entries()].reverse()) {
      const page = await agent.navigate(String(start.headers.location));
      expect(page.json<Echo & Record<string, unknown>>().url).toBe(`/tab/${i}`);
    }
    expect((await agent.cookieNames(site.url)).sort()).toEqual(['auth_token', 'oidc_attempts']);
  });

  it('leads back by a path alone, which is right by whatever port or proxy people come', async () => {
    const start = await agent.get(`${site.url}/reports/2026?team=blue`);
    const back = await agent.get(String(start.headers.location));
    const end = await agent.get(String(back.headers.location));
    expect([end.status, end.headers.location]).toEqual([302, '/reports/2026?team=blue']);
    expect((await createAgent().get(`${site.url}/logout`)).headers.location).toBe('/_logout');
  });

  it('never lets the cookies of open logins pile up', async () => {
    for (let i = 0; i < 40; i++) expect((await agent.get(`${site.url}/tab/${i}?${'q'.repeat(300)}`)).status).toBe(302);
    const cookies = await agent.jar.getCookieString(site.url);
    expect(cookies.length).toBeLessThan(7000);
    const page = await agent.navigate(`${site.url}/last`);
    expect(page.json<Echo & Record<string, unknown>>().url).toBe('/last');
  });

  it('makes a fresh session id at each sign-in, whatever cookie the browser came with', async () => {
    const planted = 'A'.repeat(43);
    await agent.jar.setCookie(`auth_token=${planted}; Path=/`, site.url);
    await agent.navigate(`${site.url}/`);
    const value = (await agent.jar.getCookies(site.url)).find((cookie) => cookie.key === 'auth_token')?.value;
    expect(value).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(value).not.toBe(planted);
  });

  it('sets cookies that scripts and other sites cannot use', async () => {
    const page = await agent.navigate(`${site.url}/`);
    const lines = page.trail.flatMap((step) => (step.url.startsWith(site.url) ? step.setCookies : []));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) {
      expect(line).toMatch(/; Path=\/(?:_codexch|_oidc_return)?; HttpOnly; SameSite=Lax/);
      expect(line).toMatch(/^oidc_person=|; Path=\/;/);
    }
  });

  it('tells a script that is not signed in so, in JSON and without cookies', async () => {
    const answer = await agent.xhr(`${site.url}/api`);
    expect(answer.status).toBe(401);
    expect(answer.json()).toEqual({ error: 'login_required', sign_in: '/_oidc_login' });
    expect(answer.setCookies).toEqual([]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['Sec-Fetch-Mode: cors', { 'sec-fetch-mode': 'cors' }, 401],
    ['X-Requested-With', { 'x-requested-with': 'XMLHttpRequest' }, 401],
    ['an Accept without HTML', { accept: 'application/json' }, 401],
    ['an Accept of */*', { accept: '*/*' }, 302],
    ['an image', { accept: 'image/avif,image/webp', 'sec-fetch-mode': 'no-cors' }, 401],
  ])('takes %s for what it is', async (_name, headers, status) => {
    expect((await agent.get(`${site.url}/`, { headers })).status).toBe(status);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('answers %s without a session with 401', async (method) => {
    expect((await agent.get(`${site.url}/`, { method })).status).toBe(401);
    expect(application.requests).toHaveLength(0);
  });

  it('shows what the provider said when it refuses, with a reference that is in the log', async () => {
    provider.does.authorization = (parameters) => {
      const state = parameters.get('state') ?? '';
      return new URLSearchParams({
        error: 'access_denied',
        error_description: '<b>not you</b>',
        state,
        iss: provider.issuer,
      });
    };
    const page = await agent.navigate(`${site.url}/x`);
    expect(page.status).toBe(403);
    expect(page.text).toContain('access_denied: &lt;b&gt;not you&lt;/b&gt;');
    const reference = /Reference: ([0-9a-f]{12})/.exec(page.text)?.[1];
    expect(site.nginx.errorLog()).toContain(`provider_error ref=${reference}`);
  });

  it('stops a sign-in that fails over and over, with the reference of the last error', async () => {
    provider.does.idToken = (claims) => ({ ...claims, aud: 'somebody-else' });
    let page = await agent.navigate(`${site.url}/`);
    for (let i = 0; i < 4; i++) {
      expect(page.status).toBe(403);
      page = await agent.navigate(`${site.url}/`);
    }
    const last = /Reference: ([0-9a-f]{12})/.exec(page.text)?.[1];
    const stopped = await agent.navigate(`${site.url}/`);
    expect(stopped.status).toBe(429);
    expect(stopped.text).toContain(`The reference of the last error is ${last}`);
    expect(provider.requests('/authorize')).toHaveLength(5);
  });

  it('stops the loop of a browser that does not keep the session', async () => {
    const forget = async () => agent.jar.setCookie('auth_token=; Max-Age=0; Path=/', site.url);
    for (let i = 0; i < 5; i++) {
      expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
      await forget();
    }
    const stopped = await agent.navigate(`${site.url}/`);
    expect(stopped.status).toBe(429);
    expect(stopped.text).toContain('did not keep the session');
  });
});
