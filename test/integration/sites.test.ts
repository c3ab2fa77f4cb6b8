import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

onEachTarget('several sites and layouts', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  let second: string;
  let agent: Agent;

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    const port = await freePort();
    second = `http://127.0.0.1:${port}`;
    site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      // a second server of the same NGINX and store, another client, protected as a whole but for one folder
      http: `server {
        include conf.d/openid_connect.server_conf;
        set $oidc_issuer "${provider.issuer}"; set $oidc_client "other-client"; set $oidc_client_secret "other";
        set $oidc_hmac_key "another-key-0123456789abcdef"; set $oidc_insecure_http_provider 1;
        listen 127.0.0.1:${port};
        auth_request /_oidc_auth;
        error_page 401 = @do_oidc_flow;
        location / { proxy_pass http://${application.address}; }
        location /public/ { auth_request off; proxy_pass http://${application.address}; }
        location /api/ { error_page 401 =401 /plain-401; proxy_pass http://${application.address}; }
        location = /plain-401 { internal; return 401 "no session"; }
      }`,
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

  it('a session of one client does not exist for another client, although they share cookies and store', async () => {
    await agent.navigate(`${site.url}/`);
    const cookies = await agent.jar.getCookieString(second); // cookies know no port
    expect(cookies).toContain('auth_token=');
    expect((await agent.xhr(`${second}/`)).status).toBe(401);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(200);
    expect(application.requests.map((request) => request.url)).toEqual(['/', '/']);
  });

  it('a whole server is protected, with its own sign-in locations reachable', async () => {
    expect((await agent.get(`${second}/anything`)).status).toBe(302);
    expect((await agent.get(`${second}/_logout`)).status).toBe(200);
    expect((await agent.get(`${second}/_codexch`)).status).toBe(400);
  });

  it('a folder is left open where the operator says so', async () => {
    const answer = await agent.get(`${second}/public/x`);
    expect(answer.json<Echo & Record<string, unknown>>().url).toBe('/public/x');
  });

  it('a location may answer 401 its own way', async () => {
    const answer = await agent.get(`${second}/api/x`);
    expect([answer.status, answer.text]).toEqual([401, 'no session']);
    expect(answer.setCookies).toEqual([]);
  });

  it.each(['/_oidc_auth', '/_renew', '/_token', '/_refresh', '/_jwks_uri', '/_discovery', '/_userinfo', '/_revoke'])(
    'nobody reaches %s from outside',
    async (location) => {
      expect((await agent.get(site.url + location)).status).toBe(404);
    },
  );
});
