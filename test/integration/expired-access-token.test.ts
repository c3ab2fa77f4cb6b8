import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

// $oidc_expired_access_token: the provider is down past the token's end, and the session goes on.

onEachTarget('an access token that has expired and cannot be renewed', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  let agent: Agent;

  afterEach(() => Promise.all([agent.close(), provider.stop(), application.stop(), site.stop()]));

  async function signedIn(setting?: string, refreshToken = true) {
    provider = await startMisbehavingProvider();
    provider.does.expiresIn = 2;
    provider.does.refreshToken = refreshToken;
    application = await startEchoApplication();
    site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      changes: {
        ...(setting === undefined ? {} : { alsoSet: { oidc_expired_access_token: setting } }),
        variables: ['access_token'],
        proxyHeaders: { Authorization: 'Bearer $access_token' },
      },
    });
    site.nginx.expectLog(/oidc: (?:provider_unreachable|access_token_expired)|\/_refresh|connect\(\) failed/);
    agent = createAgent();
    await agent.navigate(`${site.url}/`);
    const token = `Bearer ${provider.issued.at(-1)?.accessToken}`;
    expect(await authorization()).toBe(token);
    await sleep(2100);
    provider.respond('/token', { status: 503, body: 'down for a while' });
    return token;
  }

  const authorization = async () => {
    const { headers } = (await agent.get(`${site.url}/`)).json<{ headers: Record<string, string> }>();
    return headers.authorization;
  };

  it.each([[undefined], ['pass']])('is passed on (%s)', async (setting) => {
    const token = await signedIn(setting);
    for (let request = 0; request < 3; request++) expect(await authorization()).toBe(token);
  });

  it('is dropped, and the request goes on with the claims', async () => {
    await signedIn('drop');
    for (let request = 0; request < 3; request++) {
      const { headers } = (await agent.get(`${site.url}/`)).json<{ headers: Record<string, string> }>();
      expect([headers.authorization, headers.username]).toEqual(['Bearer', 'alice']);
    }
  });

  it('is dropped also where there is no refresh token', async () => {
    await signedIn('drop', false);
    expect(await authorization()).toBe('Bearer');
  });

  it('is refused with 502, a page for a person and JSON for a script, until it can be renewed', async () => {
    await signedIn('refuse');
    for (let request = 0; request < 3; request++) {
      const page = await agent.get(`${site.url}/`);
      expect([page.status, page.text]).toEqual([502, expect.stringContaining('Reference')]);
    }
    const script = await agent.xhr(`${site.url}/`);
    expect([script.status, script.json()]).toEqual([502, { error: 'access_token_expired' }]);
    expect(application.requests.filter(({ url }) => url === '/')).toHaveLength(2); // those before it expired
    expect(site.nginx.errorLog()).toMatch(/oidc: access_token_expired .*\$oidc_expired_access_token/);
  });
});
