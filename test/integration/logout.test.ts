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
    site = await startSite({ nginx, issuer: provider.issuer, application: application.address });
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

  it('ends the session here and at the provider, revokes the refresh token, and comes back to a page', async () => {
    const cookie = await agent.jar.getCookieString(site.url);
    const page = await agent.navigate(`${site.url}/logout`);
    expect(page.url).toBe(`${site.url}/_logout`);
    expect(page.text).toContain('You are signed out');
    const [request] = provider.requests('/logout');
    expect(Object.fromEntries(request?.query ?? [])).toMatchObject({
      client_id: 'test-client',
      post_logout_redirect_uri: `${site.url}/_logout`,
      id_token_hint: expect.stringMatching(/^eyJ/),
    });
    expect(provider.requests('/revoke').map((entry) => entry.form.get('token_type_hint'))).toEqual(['refresh_token']);
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
    expect(answer.setCookies).toEqual([]);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(200);
  });

  it('without a session shows the signed-out page and does not trouble the provider', async () => {
    const stranger = createAgent();
    const page = await stranger.navigate(`${site.url}/logout`);
    expect(page.url).toBe(`${site.url}/_logout`);
    expect(provider.requests('/logout')).toHaveLength(0);
    await stranger.close();
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
