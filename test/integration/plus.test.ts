import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { describeNginx, type Nginx } from '../../scripts/nginx/find';
import { type Agent, createAgent } from '../support/agent';
import { type CognitoProvider, startCognito } from '../support/cognito-provider';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePort, type NginxProcess, startNginx, useNginx } from '../support/nginx';
import { plusFiles } from '../support/plus/shipped';

const bundle = fileURLToPath(new URL('../../dist/plus/openid_connect.js', import.meta.url));
const plus = inject('nginxTargets').filter((nginx) => nginx.plus);

describe.skipIf(plus.length > 0)('on NGINX Plus', () => {
  it.todo('the files for it work as they are — set NGINX_PLUS_BINARY to a real one, which cannot be had for free');
});

describe.each(plus.map((nginx) => [describeNginx(nginx), nginx] as const))('the files for it on %s', (_, nginx) => {
  useNginx();
  onPlus(nginx);
});

function onPlus(nginx: Nginx): void {
  let cognito: CognitoProvider;
  let application: EchoApplication;
  let process: NginxProcess;
  let agent: Agent;
  let url: string;

  beforeAll(async () => {
    cognito = await startCognito();
    application = await startEchoApplication();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const set = {
      oidc_authz_endpoint: `${cognito.domain}/oauth2/authorize`,
      oidc_token_endpoint: `${cognito.domain}/oauth2/token`,
      oidc_jwt_keyfile: cognito.jwksUri,
      oidc_end_session_endpoint: `${cognito.domain}/logout`,
      oidc_client: cognito.client.id,
      oidc_client_secret: cognito.client.secret,
    };
    const listen = `127.0.0.1:${port}`;
    const files = plusFiles({ listen, application: application.address, set, folder: 'temp' });
    process = await startNginx({
      nginx,
      files: { ...files, 'conf.d/openid_connect.js': readFileSync(bundle, 'utf8') },
      http: 'include conf.d/*.conf;',
    });
  });
  beforeEach(() => {
    cognito.reset();
    cognito.allow(`${url}/_codexch`, `${url}/_logout`);
    agent = createAgent();
  });
  afterEach(() => agent.close());
  afterAll(() => Promise.all([cognito.stop(), application.stop()]));

  const signIn = async (): Promise<string> => {
    const form = await agent.navigate(`${url}/reports?a=b`);
    const posted = await agent.post(form.url, { login: 'alice', password: 'wonderland' });
    const page = await agent.navigate(String(posted.headers.location));
    expect([page.status, new URL(page.url).pathname]).toEqual([200, '/reports']);
    const [cookie] = (await agent.jar.getCookies(url)).filter(({ key }) => key === 'auth_token');
    return cookie?.value ?? '';
  };
  const zone = async (name: string, change?: unknown): Promise<Record<string, string>> => {
    const [version] = ((await (await fetch(`${url}/api/`)).json()) as number[]).reverse();
    const path = `${url}/api/${version}/http/keyvals/${name}`;
    if (change) await fetch(path, { method: 'PATCH', body: JSON.stringify(change) });
    return (await (await fetch(path)).json()) as Record<string, string>;
  };

  it('signs in, and passes the name on that auth_jwt found', async () => {
    const id = await signIn();
    expect((await zone('oidc_id_tokens'))[id]).toMatch(/^ey/);
    expect(application.requests.at(-1)?.headers.username).toBe(cognito.person.sub);
  });

  it('renews the session whose ID token the zone has dropped', async () => {
    const id = await signIn();
    await zone('oidc_id_tokens', { [id]: null });
    expect((await agent.get(`${url}/`)).status).toBe(200);
    expect((await zone('oidc_id_tokens'))[id]).toMatch(/^ey/);
  });

  it('signs out here and at the provider', async () => {
    const id = await signIn();
    const answer = await agent.get(`${url}/logout`);
    expect(String(answer.headers.location)).toMatch(`${cognito.domain}/logout?`);
    for (const name of ['oidc_id_tokens', 'oidc_access_tokens', 'refresh_tokens']) {
      expect((await zone(name))[id]).toBe('-');
    }
    expect((await agent.xhr(`${url}/`)).status).toBe(401);
  });

  it('ends the session that the provider names', async () => {
    cognito.does.claims = { sid: 'session-of-the-provider' };
    const id = await signIn();
    const stranger = createAgent();
    const uri = `${url}/front_channel_logout?sid=session-of-the-provider&iss=${encodeURIComponent(cognito.issuer)}`;
    expect((await stranger.get(uri)).text).toBe('Logout successful');
    await stranger.close();
    expect((await zone('oidc_id_tokens'))[id]).toBe('-');
  });

  it('keeps sessions over a restart, by state=', async () => {
    await signIn();
    await process.stopKeepingState();
    await process.start();
    expect((await agent.get(`${url}/`)).status).toBe(200);
  });
}
