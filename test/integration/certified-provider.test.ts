import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, createAgent, signIn } from '../support/agent';
import { demoClient, type RunningProvider, startProvider } from '../support/demo-parts';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

onEachTarget('with oidc-provider', (nginx) => {
  useNginx();
  let provider: RunningProvider;
  let application: EchoApplication;
  let site: Site;
  let agent: Agent;

  beforeAll(async () => {
    application = await startEchoApplication();
    const port = await freePort();
    const client = demoClient(`http://127.0.0.1:${port}`);
    provider = await startProvider({ port: 0, clients: [client], ttl: { AccessToken: 4, IdToken: 4 } });
    site = await startSite({
      nginx,
      port,
      issuer: provider.issuer,
      application: application.address,
      changes: {
        set: { oidc_client: client.client_id, oidc_client_secret: client.client_secret ?? '' },
        alsoSet: { oidc_userinfo: '1', oidc_clock_skew: '0' },
      },
      editFrontend: (conf) =>
        conf.replace(
          /\n {4}location \/ \{/,
          (line) => `
            location /recent/ {
              set $oidc_max_age 3;
              auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
            }
            location /mfa/ {
              set $oidc_acr_values mfa;
              auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
            }${line}`,
        ),
    });
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });
  beforeEach(() => {
    agent = createAgent();
    return () => agent.close();
  });

  const echo = (answer: { json<T>(): T }) => answer.json<Echo & Record<string, unknown>>();

  it('a person signs in, gets renewed tokens, and signs out everywhere', async () => {
    const page = await signIn(agent, `${site.url}/reports/2026?team=blue&q=a%26b`);
    expect(page.status).toBe(200);
    expect(echo(page).url).toBe('/reports/2026?team=blue&q=a%26b');
    expect(echo(page).headers).toMatchObject({ username: 'alice', 'x-email': expect.stringContaining('@') });

    await sleep(4100);
    const answers = await Promise.all(Array.from({ length: 20 }, () => agent.xhr(`${site.url}/`)));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(provider.events.countTokens('refresh_token')).toBe(1);

    const leaving = await agent.get(`${site.url}/logout`);
    expect(String(leaving.headers.location)).toContain(`${provider.issuer}/session/end?client_id=demo&`);
    const end = await agent.navigate(String(leaving.headers.location));
    expect(end.status).toBe(200);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
  });

  it('a person signs in once more where the last time is too long ago, and not where the provider cannot do more', async () => {
    expect((await signIn(agent, `${site.url}/`)).status).toBe(200);
    const asked = await agent.navigate(`${site.url}/recent/page?x=1`);
    expect(asked.text, 'a sign-in form, although the provider knows the person').toContain('password');
    const page = await signIn(agent, `${site.url}/recent/page?x=1`);
    expect([page.status, echo(page).url]).toEqual([200, '/recent/page?x=1']);
    expect((await agent.get(`${site.url}/recent/`)).status).toBe(200);
    await sleep(3100);
    expect((await agent.get(`${site.url}/recent/`)).status).toBe(302);
    expect((await signIn(agent, `${site.url}/mfa/`)).status).toBe(403);
    expect((await agent.get(`${site.url}/`)).status, 'still signed in').toBe(200);
  });

  it('a person who thinks better of it sees what happened', async () => {
    const form = await agent.navigate(`${site.url}/`);
    const answer = await agent.post(form.url, { cancel: '1' });
    const page = await agent.navigate(new URL(String(answer.headers.location), form.url).href);
    expect(page.status).toBe(403);
    expect(page.text).toContain('access_denied');
  });
});
