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
        alsoSet: { oidc_userinfo: '1' },
      },
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

  it('a person who thinks better of it sees what happened', async () => {
    const form = await agent.navigate(`${site.url}/`);
    const answer = await agent.post(form.url, { cancel: '1' });
    const page = await agent.navigate(new URL(String(answer.headers.location), form.url).href);
    expect(page.status).toBe(403);
    expect(page.text).toContain('access_denied');
  });
});
