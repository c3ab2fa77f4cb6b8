import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

onEachTarget('logout', (nginx) => {
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
      changes: { alsoSet: { oidc_revoke_access_token: '1' } },
      workers: 4,
    });
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });
  beforeEach(async () => {
    provider.reset();
    agent = createAgent();
    await agent.navigate(`${site.url}/`);
    return () => agent.close();
  });

  it('ends the session here and at the provider, revokes the tokens, and comes back to a page', async () => {
    const cookie = await agent.jar.getCookieString(site.url);
    const page = await agent.navigate(`${site.url}/logout`);
    expect(page.url).toMatch(new RegExp(`^${site.url}/_logout\\?state=`));
    expect(page.text).toContain('You are signed out');
    const [request] = provider.requests('/logout');
    expect(Object.fromEntries(request?.query ?? [])).toMatchObject({
      client_id: 'test-client',
      post_logout_redirect_uri: `${site.url}/_logout`,
      id_token_hint: expect.stringMatching(/^eyJ/),
    });
    const { refreshToken, accessToken } = provider.issued.at(-1) ?? {};
    expect(provider.requests('/revoke').map(({ form }) => [form.get('token_type_hint'), form.get('token')])).toEqual([
      ['refresh_token', refreshToken],
      ['access_token', accessToken],
    ]);
    expect(request?.query.get('state')).toMatch(/^[\w-]{22}$/);
    expect(await agent.cookieNames(site.url)).toEqual([]);
    expect((await createAgent({ cookie }).xhr(`${site.url}/`)).status).toBe(401);
  });

  it('takes the cookie back with the attributes that it was set with', async () => {
    const answer = await agent.get(`${site.url}/logout`);
    expect(answer.setCookies).toContain('auth_token=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0');
  });

  it('by POST of the own page works', async () => {
    expect((await agent.post(`${site.url}/logout`, {})).status).toBe(302);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
  });

  it.each([
    ['a link', 'GET', { 'sec-fetch-site': 'cross-site' }],
    ['an image', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a form', 'POST', { 'sec-fetch-site': 'cross-site' }],
    ['a form of a browser without Fetch Metadata', 'POST', { 'sec-fetch-site': '', origin: 'https://evil.test' }],
    ['a page of a neighbouring host', 'GET', { 'sec-fetch-site': 'same-site' }],
  ])('that %s of another site asks for only asks back', async (_name, method, headers) => {
    const answer = await agent.get(`${site.url}/logout`, { method, headers });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('<form method="post" action="/logout">');
    expect(answer.text).toContain('<form method="post" action="/logout?everywhere=1">');
    expect(answer.setCookies).toEqual([]);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(200);
  });

  it('everywhere ends the sessions of all browsers of this person, of every worker, and of nobody else', async () => {
    const browsers = [agent, createAgent(), createAgent(), createAgent()];
    for (const other of browsers.slice(1, 3)) await other.navigate(`${site.url}/`);
    provider.does.user = { ...provider.does.user, sub: 'bob' };
    const bob = browsers[3] as Agent;
    await bob.navigate(`${site.url}/`);
    const asked = await agent.navigate(`${site.url}/logout?everywhere=1`);
    expect([asked.status, asked.setCookies]).toEqual([200, []]);
    const statuses = () => Promise.all(browsers.map(async (one) => (await one.xhr(`${site.url}/`)).status));
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    const done = await agent.post(`${site.url}/logout?everywhere=1`, {}, { from: asked.url });
    expect(String(done.headers.location)).toContain(`${provider.issuer}/logout?`);
    expect(await statuses()).toEqual([401, 401, 401, 200]);
    await Promise.all(browsers.slice(1).map((one) => one.close()));
  });

  it('everywhere is not what another site can ask for, nor what an old cookie can', async () => {
    const from = 'https://evil.test/page';
    const url = `${site.url}/logout?everywhere=1`;
    for (const answer of [
      await agent.get(url, { from }),
      await agent.post(url, {}, { from }),
      await agent.post(url, {}, { headers: { 'sec-fetch-site': 'same-site' } }),
    ]) {
      expect([answer.status, answer.setCookies]).toEqual([200, []]);
    }
    expect((await agent.xhr(`${site.url}/`)).status).toBe(200);
    const stranger = createAgent({ cookie: 'auth_token=an-old-one' });
    const answer = await stranger.post(url, {});
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('signed out in this browser only')]);
    await stranger.close();
    expect((await agent.xhr(`${site.url}/`)).status).toBe(200);
  });

  it('without a session shows the signed-out page and does not trouble the provider', async () => {
    const stranger = createAgent();
    const page = await stranger.navigate(`${site.url}/logout`);
    expect(page.url).toBe(`${site.url}/_logout`);
    expect(provider.requests('/logout')).toHaveLength(0);
    await stranger.close();
  });

  it('revokes the access token although the refresh token could not be, and signs out whatever comes of it', async () => {
    provider.respond('/revoke', { status: 503, body: 'later' });
    const page = await agent.navigate(`${site.url}/logout`);
    expect(page.url).toMatch(new RegExp(`^${site.url}/_logout\\?state=`));
    expect(provider.requests('/revoke')).toHaveLength(2);
    const log = site.nginx.errorLog();
    expect(log).toMatch(/token_request_failed .*answered 503; the refresh token was not revoked/);
    expect(log).toMatch(/token_request_failed .*answered 503; the access token was not revoked/);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
  });

  it('by the frame of a provider on a neighbouring host, which brings the cookie, revokes them, too', async () => {
    const { sid, refreshToken, accessToken } = provider.issued.at(-1) ?? {};
    const headers = { 'sec-fetch-site': 'same-site' };
    expect((await agent.get(`${site.url}/front_channel_logout?sid=${sid}`, { headers })).status).toBe(200);
    expect(provider.requests('/revoke').map(({ form }) => form.get('token'))).toEqual([refreshToken, accessToken]);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
  });

  it('signs out here although the provider is down', async () => {
    const cookie = await agent.jar.getCookieString(site.url);
    await provider.down();
    site.nginx.expectLog(/connect\(\) failed|Connection refused/);
    const answer = await agent.get(`${site.url}/logout`);
    await provider.up();
    expect(answer.status).toBe(302);
    expect((await createAgent({ cookie }).xhr(`${site.url}/`)).status).toBe(401);
  });
});
