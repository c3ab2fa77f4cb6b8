import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, type Answer, createAgent } from '../support/agent';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

onEachTarget('renewal', (nginx) => {
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
      workers: 4,
      issuer: provider.issuer,
      application: application.address,
      changes: {
        variables: ['access_token'],
        proxyHeaders: { Authorization: 'Bearer $access_token' },
        alsoSet: { oidc_provider_timeout: '4' },
      },
    });
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });
  beforeEach(() => {
    provider.reset();
    renewalsBefore = 0;
    agent = createAgent();
    return () => agent.close();
  });

  let renewalsBefore = 0;
  const renewals = () => provider.grants('refresh_token').slice(renewalsBefore);

  /** Signs in with tokens that expire at once, so that the next request must renew them. */
  async function signInWithExpiredTokens(lifetime = 1): Promise<void> {
    provider.does.expiresIn = lifetime;
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
    await sleep(lifetime * 1000 + 100);
    provider.does.expiresIn = 300;
    renewalsBefore = provider.grants('refresh_token').length; // a second may have passed during the sign-in
  }

  const requests = (n: number) =>
    Promise.all(Array.from({ length: n }, (_, i) => agent.get(`${site.url}/parallel/${i}`)));
  const statuses = (answers: Answer[]) => [...new Set(answers.map((answer) => answer.status))];
  const tokens = (answers: Answer[]) => [
    ...new Set(answers.map((answer) => answer.json<Echo & Record<string, unknown>>().headers.authorization)),
  ];

  it('makes one token request for 50 parallel requests with expired tokens on 4 workers, and all succeed', async () => {
    await signInWithExpiredTokens();
    const answers = await requests(50);
    expect(statuses(answers)).toEqual([200]);
    expect(tokens(answers)).toHaveLength(1);
    expect(renewals()).toHaveLength(1);
  });

  it('makes one token request also when the provider takes 2 s to answer', async () => {
    await signInWithExpiredTokens();
    provider.does.delays['/token'] = 2000;
    const answers = await requests(50);
    expect(statuses(answers)).toEqual([200]);
    expect(renewals()).toHaveLength(1);
  });

  it('survives many rounds with a provider that revokes the family when a refresh token is used twice', async () => {
    await signInWithExpiredTokens();
    for (let round = 0; round < 3; round++) {
      provider.does.expiresIn = 1;
      expect(statuses(await requests(20))).toEqual([200]);
      await sleep(1100);
    }
    expect(statuses(await requests(20))).toEqual([200]);
    expect(provider.requests('/token').length).toBeGreaterThan(3);
  });

  it('renews ahead of expiry, while everybody else goes on with the old tokens', async () => {
    provider.does.expiresIn = 8;
    await agent.navigate(`${site.url}/`);
    await sleep(6200);
    provider.does.delays['/token'] = 1000;
    const began = Date.now();
    const first = agent.get(`${site.url}/first`);
    await sleep(200);
    const others = await requests(10);
    expect(Date.now() - began).toBeLessThan(900);
    expect(statuses(others)).toEqual([200]);
    expect((await first).status).toBe(200);
    expect(renewals()).toHaveLength(1);
  });

  it('keeps the refresh token when the answer brings no new one', async () => {
    provider.does.rotate = false;
    await signInWithExpiredTokens();
    provider.does.expiresIn = 1;
    expect((await agent.get(`${site.url}/1`)).status).toBe(200);
    await sleep(1100);
    expect((await agent.get(`${site.url}/2`)).status).toBe(200);
    const used = renewals().map((entry) => entry.form.get('refresh_token'));
    expect(used).toHaveLength(2);
    expect(new Set(used).size).toBe(1);
  });

  it('takes new claims from the renewed ID token', async () => {
    await signInWithExpiredTokens();
    provider.does.user = { sub: 'alice', name: 'Alice Married', email: 'alice@example.com' };
    const answer = await agent.get(`${site.url}/`);
    expect(answer.json<Echo & Record<string, unknown>>().headers['x-name']).toBe('Alice Married');
  });

  it('goes on with the claims it has when the answer brings no ID token', async () => {
    await signInWithExpiredTokens();
    provider.does.refreshIdToken = false;
    const answer = await agent.get(`${site.url}/`);
    expect(answer.json<Echo & Record<string, unknown>>().headers).toMatchObject({
      username: 'alice',
      'x-name': 'Alice Liddell',
    });
  });

  it('keeps a session alive while the provider answers 503, and asks it only now and then', async () => {
    await signInWithExpiredTokens();
    provider.does.canned['/token'] = { status: 503, body: 'maintenance' };
    site.nginx.expectLog(/provider_unreachable .* 503/);
    expect(statuses(await requests(20))).toEqual([200]);
    expect(statuses(await requests(20))).toEqual([200]);
    expect(renewals()).toHaveLength(1);
  });

  it('keeps a session alive while the provider is gone', async () => {
    await signInWithExpiredTokens();
    await provider.down();
    site.nginx.expectLog(/Connection refused|provider_unreachable|connect\(\) failed|no live upstreams/);
    const answers = await requests(5);
    await provider.up();
    expect(statuses(answers)).toEqual([200]);
  });

  it('ends the session when the provider says that the refresh token is no good', async () => {
    await signInWithExpiredTokens();
    provider.does.canned['/token'] = { status: 400, body: '{"error":"invalid_grant"}' };
    expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
    provider.does.canned = {};
    expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
    expect((await agent.navigate(`${site.url}/again`)).status).toBe(200);
  });

  it.each([
    ['of another person', { sub: 'mallory' }],
    ['of another issuer', { iss: 'https://evil.test' }],
    ['for another client', { aud: 'somebody-else' }],
    ['with another nonce', { nonce: 'another' }],
  ])('ends the session when the renewed ID token is %s', async (_name, change) => {
    await signInWithExpiredTokens();
    provider.does.idToken = (claims) => ({ ...claims, ...change });
    expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
    expect(site.nginx.errorLog()).toContain('the renewed ID token was refused');
  });

  it('does not bring a session back that signed out during its renewal', async () => {
    await signInWithExpiredTokens();
    provider.does.delays['/token'] = 800;
    const slow = agent.get(`${site.url}/slow`, { headers: { 'sec-fetch-mode': 'cors' } });
    await sleep(200);
    const copy = await agent.jar.getCookieString(site.url);
    await agent.get(`${site.url}/logout`);
    await slow;
    const after = await createAgent({ cookie: copy }).xhr(`${site.url}/`);
    expect(after.status).toBe(401);
  });
});
