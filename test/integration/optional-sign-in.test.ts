import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, type Answer, createAgent, type RequestOptions } from '../support/agent';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePort } from '../support/free-port';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, type SiteOptions, startSite } from '../support/site';

// location = /_oidc_optional.

onEachTarget('optional sign-in', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  let agent: Agent;

  const publicPages = `
    location /public/ {
        auth_request /_oidc_optional;
        error_page 401 = @do_oidc_flow;
        proxy_set_header username $jwt_claim_sub;
        proxy_set_header X-Email $oidc_claim_email;   proxy_set_header X_Email "";
        proxy_set_header Cookie $oidc_app_cookies;
        proxy_set_header Authorization "Bearer $access_token";
        proxy_pass http://my_backend;
    }\n`;
  const start = (more: Partial<SiteOptions> = {}) =>
    startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      changes: { variables: ['access_token'] },
      editServer: (conf) => conf + publicPages,
      ...more,
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
  beforeEach(() => {
    provider.reset();
    application.requests.length = 0;
    agent = createAgent();
    return () => agent.close();
  });

  const received = (answer: Answer) => answer.json<Echo & Record<string, unknown>>();
  const open = async (options: RequestOptions = {}) => {
    const answer = await agent.get(`${site.url}/public/page?x=1`, options);
    expect([answer.status, answer.setCookies]).toEqual([200, []]);
    return received(answer).headers;
  };
  const identity = ({ username, 'x-email': email, x_email, authorization }: Echo['headers']) => [
    username,
    email,
    x_email,
    authorization,
  ];
  const anonymous = [undefined, undefined, undefined, 'Bearer'];

  it('lets a stranger in with empty variables, whatever identity headers the browser sends', async () => {
    const headers = {
      username: 'mallory',
      'x-email': 'mallory@evil.test',
      x_email: 'mallory@evil.test',
      authorization: 'Bearer forged',
      'oidc-site': 'x',
      'jwt-claim-sub': 'mallory',
      jwt_claim_sub: 'mallory',
    };
    expect(identity(await open({ headers }))).toEqual(anonymous);
    expect(provider.requests()).toEqual([]);
  });

  it("passes on a stranger's own cookies, and none of ours", async () => {
    const cookie = `theme=dark; auth_token=${'A'.repeat(43)}; oidc_login_x=1; cart=7`;
    expect((await open({ headers: { cookie } })).cookie).toBe('theme=dark; cart=7');
    const many = Array.from({ length: 12 }, (_, i) => `c${i}=${'x'.repeat(580)}`).join('; '); // more than the gate's answer holds
    expect((await open({ headers: { cookie: `${many}; d=${'y'.repeat(700)}` } })).cookie).toHaveLength(
      many.length + 704,
    );
  });

  it('fills the variables for somebody who is signed in', async () => {
    await agent.navigate(`${site.url}/_oidc_login?return=/public/page`);
    const token = expect.stringMatching(/^Bearer .{10}/);
    expect(identity(await open())).toEqual(['alice', 'alice@example.com', undefined, token]);
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE'])('never leads a %s to sign-in', async (method) => {
    const answer = await agent.get(`${site.url}/public/x`, { method });
    expect([answer.status, answer.headers.location]).toEqual([200, undefined]);
    expect((await agent.xhr(`${site.url}/public/x`, { method })).status).toBe(200);
  });

  it('renews as anywhere else, and is anonymous when the provider ended the session', async () => {
    provider.does.expiresIn = 1;
    await agent.navigate(`${site.url}/`);
    await sleep(1100);
    const before = provider.grants('refresh_token').length;
    expect((await open()).username).toBe('alice');
    expect(provider.grants('refresh_token').length).toBeGreaterThan(before);
    await sleep(1100);
    provider.respond('/token', { status: 400, body: '{"error":"invalid_grant"}' });
    expect(identity(await open())).toEqual(anonymous);
    provider.respond('/token', undefined);
    expect(identity(await open())).toEqual(anonymous);
  });

  it('is anonymous after a sign-out, also with the old cookie', async () => {
    await agent.navigate(`${site.url}/`);
    const cookie = (await agent.cookies(site.url)).map((one) => one.cookieString()).join('; ');
    await agent.post(`${site.url}/logout`, {});
    expect((await open({ headers: { cookie } })).username).toBeUndefined();
  });

  it('nobody makes a protected page optional', async () => {
    for (const path of ['/?optional', '/_oidc_auth?optional', '/_oidc_optional', '/_oidc_optional?optional']) {
      const answer = await agent.xhr(`${site.url}${path}`, { headers: { 'oidc-optional': '1' } });
      expect([path, answer.status]).toEqual([path, path === '/?optional' ? 401 : 404]);
    }
    expect(application.requests).toEqual([]);
  });

  it('denies with a page where nobody can tell: a gate that is not there is not "anonymous"', async () => {
    const gate = await freePort();
    const other = await start({
      editFrontend: (conf) => conf.replace(/(upstream oidc_gate \{\s*server )[^;]+/, `$1127.0.0.1:${gate}`),
    });
    other.nginx.expectLog(/connect\(\) failed|no live upstreams|gate_unavailable/);
    const page = await agent.get(`${other.url}/public/x`);
    expect([page.status, page.headers.location]).toEqual([503, undefined]);
    expect(page.text).toContain('cannot look up sessions');
    expect((await agent.xhr(`${other.url}/public/x`)).json()).toEqual({ error: 'gate_unavailable' });
    expect(application.requests).toEqual([]);
  });

  it('denies where $oidc_expired_access_token refuses, and is not anonymous instead', async () => {
    const refusing = await start({
      changes: { variables: ['access_token'], alsoSet: { oidc_expired_access_token: 'refuse' } },
    });
    provider.does.expiresIn = 1;
    provider.does.refreshToken = false;
    await agent.navigate(`${refusing.url}/`);
    await sleep(1100);
    refusing.nginx.expectLog(/access_token_expired/);
    application.requests.length = 0;
    expect((await agent.get(`${refusing.url}/public/x`)).status).toBe(502);
    expect(application.requests).toEqual([]);
  });

  it('works with js_var lines of older configurations', async () => {
    const older = await start({
      editFrontend: (conf) =>
        conf.replace('auth_request_set $jwt_claim_sub         $sent_http_jwt_claim_sub;', 'js_var $jwt_claim_sub;'),
    });
    const sub = async () => received(await agent.get(`${older.url}/public/x`)).headers.username;
    expect(await sub()).toBeUndefined();
    await agent.navigate(`${older.url}/`);
    expect(await sub()).toBe('alice');
  });
});
