import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

const now = () => Math.floor(Date.now() / 1000);

onEachTarget('step-up', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  let agent: Agent;
  /** Another browser. */
  let stranger: Agent;
  /** How the provider signs in who asks for these parameters. */
  let signsIn: (asked: URLSearchParams) => Record<string, unknown>;

  const location = (path: string, demands: string) => `location ${path} {
    ${demands} auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
  }\n`;

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    const locations = [
      location('/mfa/', 'set $oidc_acr_values "mfa hwk";'),
      location('/recent/', 'set $oidc_max_age 100;'),
      location('/both/', 'set $oidc_acr_values "mfa"; set $oidc_max_age 100; set $oidc_require "groups any admins";'),
      location('/fragment/', 'set $oidc_acr_values "mfa"; set $oidc_keep_fragment 1;'),
      location('/wrong/', 'set $oidc_max_age "5 minutes";'),
      location('/wrong-acr/', `set $oidc_acr_values '"mfa"';`),
    ].join('');
    site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      changes: {
        alsoSet: { oidc_clock_skew: '0', oidc_authz_extra_args: 'prompt=consent&max_age=9999&ui_locales=de' },
      },
      editFrontend: (conf) => conf.replace(/\n {4}location \/ \{/, `\n${locations}    location / {`),
    });
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });
  beforeEach(() => {
    provider.reset();
    application.requests.length = 0;
    signsIn = (asked) => ({ acr: asked.get('acr_values')?.split(' ')[0] ?? 'pwd', auth_time: now() });
    const claimed = new Map<string, Record<string, unknown>>();
    provider.does.idToken = (claims, grant) => {
      const asked = provider.requests('/authorize').at(-1)?.query ?? new URLSearchParams();
      const nonce = String(claims.nonce);
      if (grant === 'authorization_code') claimed.set(nonce, signsIn(asked));
      return grant === 'authorization_code' ? { ...claims, ...claimed.get(nonce) } : claims;
    };
    agent = createAgent();
    stranger = createAgent();
    return () => Promise.all([agent.close(), stranger.close()]);
  });

  const asked = () => Object.fromEntries(provider.requests('/authorize').at(-1)?.query ?? []);
  const logins = () => provider.requests('/authorize').length;

  it('sends a session that does not do to the provider with what is asked, and back to the same page', async () => {
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
    expect(asked()).toMatchObject({ max_age: '9999', prompt: 'consent', ui_locales: 'de' });
    expect(asked()).not.toHaveProperty('acr_values');
    const page = await agent.navigate(`${site.url}/mfa/orders?q=a%26b`);
    expect([page.status, page.url]).toEqual([200, `${site.url}/mfa/orders?q=a%26b`]);
    expect(asked()).toMatchObject({ acr_values: 'mfa hwk', max_age: '9999', prompt: 'consent' });
    for (const path of ['/mfa/', '/', '/mfa/']) expect((await agent.xhr(site.url + path)).status).toBe(200);
    expect(logins()).toBe(2);
  });

  it('asks somebody who is not signed in for it at once', async () => {
    expect((await agent.navigate(`${site.url}/mfa/`)).status).toBe(200);
    expect([logins(), asked().acr_values]).toEqual([1, 'mfa hwk']);
  });

  it('asks for a new sign-in where the last one is too long ago', async () => {
    signsIn = () => ({ auth_time: now() - 500 });
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
    signsIn = () => ({ auth_time: now() });
    expect((await agent.navigate(`${site.url}/recent/`)).status).toBe(200);
    expect(asked()).toMatchObject({ max_age: '100', prompt: 'login', ui_locales: 'de' });
    expect((await agent.get(`${site.url}/recent/`)).status).toBe(200);
    expect(logins()).toBe(2);
  });

  it('lets in whoever signed in recently enough without another sign-in', async () => {
    signsIn = () => ({ auth_time: now() - 50 });
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
    expect((await agent.get(`${site.url}/recent/`)).status).toBe(200);
    expect(logins()).toBe(1);
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['less', '/mfa/', { acr: 'pwd', auth_time: 1 }],
    ['nothing of it', '/mfa/', {}],
    ['a list with it', '/mfa/', { acr: ['mfa'] }],
    ['all that was asked for as one text', '/mfa/', { acr: 'mfa hwk' }],
    ['an old sign-in', '/recent/', { auth_time: now() - 500 }],
    ['no time', '/recent/', {}],
    ['a time that is a text', '/recent/', { auth_time: String(now()) }],
    ['half of it', '/both/', { acr: 'mfa', auth_time: now() - 500, groups: ['admins'] }],
  ])('answers 403 to who comes back with %s, and keeps the session that there was', async (_name, path, claims) => {
    signsIn = () => ({ acr: 'pwd', auth_time: now() - 500, groups: ['admins'] });
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
    const before = await agent.jar.getCookieString(site.url.replace('http:', 'https:'));
    signsIn = () => claims;
    const page = await agent.navigate(`${site.url}${path}`);
    expect(page.status).toBe(403);
    expect(page.text).toContain('The sign-in was not enough');
    expect(page.text).toContain(`href="${path}"`);
    expect(logins()).toBe(2);
    expect(site.nginx.errorLog()).toContain('oidc: step_up_failed');
    expect((await agent.get(`${site.url}/`)).status).toBe(200);
    expect(await agent.jar.getCookieString(site.url.replace('http:', 'https:'))).toContain(
      /auth_token=[^;]+/.exec(before)?.[0],
    );
    expect(application.requests.map(({ url }) => url)).not.toContain(path);
  });

  it('gives no session to somebody new who comes back with less', async () => {
    signsIn = () => ({ acr: 'pwd' });
    expect((await agent.navigate(`${site.url}/mfa/`)).status).toBe(403);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
  });

  it('answers a script with 401 and what is the matter', async () => {
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
    const answer = await agent.xhr(`${site.url}/mfa/`);
    expect([answer.status, answer.json(), answer.setCookies]).toEqual([401, { error: 'step_up_required' }, []]);
    expect((await stranger.xhr(`${site.url}/mfa/`)).json()).toMatchObject({ error: 'login_required' });
  });

  it('goes to the provider at once from a page that would keep its fragment, and says that a form is lost', async () => {
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
    const { status, headers } = await agent.get(`${site.url}/fragment/`);
    expect([status, String(headers.location)]).toEqual([302, expect.stringContaining(`${provider.issuer}/authorize?`)]);
    const form = await agent.post(`${site.url}/mfa/orders`, { item: '7' });
    expect([form.status, form.headers.location]).toEqual([401, undefined]);
    expect(form.text).toContain('This page needs a more recent or a stronger sign-in than yours.');
  });

  it('looks at the rule first', async () => {
    signsIn = () => ({ groups: ['staff'] });
    await agent.navigate(`${site.url}/`);
    expect((await agent.navigate(`${site.url}/both/`)).status).toBe(403);
    expect(logins()).toBe(1);
  });

  it('works in several tabs at once', async () => {
    await agent.navigate(`${site.url}/`);
    const tabs = ['/mfa/1', '/mfa/2', '/mfa/3', '/recent/4'];
    const toProvider = await Promise.all(tabs.map((path) => agent.get(site.url + path)));
    for (const [index, { status, headers }] of toProvider.entries()) {
      const page = status === 302 ? await agent.navigate(String(headers.location)) : toProvider[index];
      expect([page?.status, page?.url]).toEqual([200, `${site.url}${tabs[index]}`]);
    }
  });

  it('is not undone by a renewal that says nothing of the sign-in, and not renewed by one that says it was now', async () => {
    for (const later of [{}, { auth_time: now() + 1000, acr: 'mfa' }]) {
      await agent.jar.removeAllCookies();
      const began = now() - 97;
      provider.does.expiresIn = 2;
      provider.does.idTokenLifetime = 2;
      provider.does.idToken = (claims, grant) =>
        grant === 'authorization_code' ? { ...claims, acr: 'mfa', auth_time: began } : { ...claims, ...later };
      expect((await agent.navigate(`${site.url}/both/`)).status).toBe(200);
      expect((await agent.navigate(`${site.url}/recent/`)).status).toBe(200);
      const statuses = async () => [
        (await agent.xhr(`${site.url}/mfa/`)).status,
        (await agent.xhr(`${site.url}/recent/`)).status,
      ];
      await expect.poll(statuses, { timeout: 10_000 }).toEqual([200, 401]);
      expect(provider.grants('refresh_token').length).toBeGreaterThan(0);
    }
  });

  it.each(['/wrong/', '/wrong-acr/'])('denies what cannot be read: %s', async (path) => {
    await agent.navigate(`${site.url}/`);
    const statuses = [(await agent.xhr(site.url + path)).status, (await agent.get(site.url + path)).status];
    expect(statuses).toEqual([500, 500]);
    expect((await stranger.get(site.url + path)).status).toBe(500);
    expect(site.nginx.errorLog()).toMatch(
      /config_invalid ref=\S+ \$oidc_(max_age must be whole seconds|acr_values must be)/,
    );
    site.nginx.acceptLog();
  });
});
