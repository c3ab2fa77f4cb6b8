import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Finding } from '../../src/check/finding';
import { type Agent, createAgent } from '../support/agent';
import { type CognitoProvider, startCognito } from '../support/cognito-provider';
import { guideDirectives } from '../support/cognito-site';
import { engineDirective, freePort, type NginxProcess, onEachTarget, startNginx, useNginx } from '../support/nginx';
import { textsIn } from '../support/page-frame';
import { onStock, plusFiles } from '../support/plus/shipped';
import { waitUntil } from '../support/processes';
import { shippedTexts } from '../support/site';
import { withLocation } from '../support/uncommented';

const bundle = fileURLToPath(new URL('../../dist/plus/openid_connect.js', import.meta.url));

// What the files for NGINX Plus do can be seen on stock NGINX all the same, but for keyval and auth_jwt: see onStock().
onEachTarget('the files for NGINX Plus', (nginx) => {
  useNginx();
  let cognito: CognitoProvider;
  let process: NginxProcess;
  let agent: Agent;
  let url: string;

  beforeAll(async () => {
    expect(existsSync(bundle), 'npm run build').toBe(true);
    cognito = await startCognito();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    cognito.allow(`${url}/_codexch`, `${url}/_logout`);
    const files = plusFiles({
      nginx,
      listen: `127.0.0.1:${port}`,
      application: '127.0.0.1:1',
      folder: 'temp',
      set: guideDirectives(cognito),
    });
    const server = 'conf.d/openid_connect.server_conf';
    files[server] = withLocation(files[server] ?? '', 'location = /_oidc_check');
    // Of configurations that were there before these files; and a log that shows what the keyval variables hold.
    files[server] +=
      'set $oidc_page_name "Acme Intranet";\nlocation = /_token_validation { js_content oidc.extractTokenClaims; }\naccess_log sessions.log sessions;\n';
    process = await startNginx({
      nginx,
      files: { ...onStock(files), ...shippedTexts(), 'conf.d/openid_connect.js': readFileSync(bundle, 'utf8') },
      http: `${engineDirective(nginx)}
        log_format sessions '$request_id|$new_session|$new_refresh|$client_sid';
        include conf.d/*.conf;`,
    });
  });
  beforeEach(() => {
    agent = createAgent();
  });
  afterEach(() => agent.close());
  afterAll(() => cognito.stop());

  /** The log's line of the request that made a session; NGINX writes it a moment after the answer. */
  const sessionLine = async () => {
    const find = () =>
      readFileSync(`${process.dir}/sessions.log`, 'utf8')
        .split('\n')
        .find((line) => /\|ey/.test(line));
    await waitUntil('the session is logged', () => find() !== undefined);
    return find() ?? '';
  };

  it('signs in: secret and PKCE, a verified ID token, the session in the variables of the zones', async () => {
    const form = await agent.navigate(`${url}/reports?a=b`);
    const posted = await agent.post(form.url, { login: 'alice', password: 'wonderland' });
    const callback = await agent.get(String(posted.headers.location));
    expect(callback.status).toBe(302);
    expect(String(callback.headers.location)).toMatch(/\/reports\?a=b$/);
    const cookie = callback.setCookies.find((line) => line.startsWith('auth_token=')) ?? '';
    expect(cookie).toMatch(/^auth_token=[A-Za-z0-9_-]{43}; Path=\/; SameSite=Lax; HttpOnly$/);
    const [requestId, idToken, refreshToken] = (await sessionLine()).split('|');
    expect(requestId).toMatch(/^[0-9a-f]{32}$/);
    expect(idToken).toMatch(/^ey/);
    expect(refreshToken).toMatch(/^refresh-/);
    const [grant] = cognito.grants('authorization_code');
    expect(grant?.authorization).toMatch(/^Basic /);
    expect(grant?.form.get('code_verifier')).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it("has pages in the person's language and with the site's name", async () => {
    process.expectLog(/login_expired/);
    const headers = { Accept: 'text/html', 'Accept-Language': 'fr' };
    const answer = await fetch(`${url}/_codexch?state=x&code=y`, { headers });
    const html = await answer.text();
    expect(html).toContain('<html lang="fr">');
    expect(html).toContain(`<h1>${textsIn('fr').pages['Please sign in again']}</h1>`);
    expect(html).toContain('<header>Acme Intranet</header>');
    expect(answer.headers.get('content-language')).toBe('fr');
  });

  it('refuses a callback of another browser', async () => {
    const form = await agent.navigate(url);
    const posted = await agent.post(form.url, { login: 'alice', password: 'wonderland' });
    const other = createAgent();
    process.expectLog(/login_expired/);
    expect((await other.get(String(posted.headers.location))).status).toBe(400);
    await other.close();
  });

  it('answers the other locations', async () => {
    expect((await agent.xhr(`${url}/api`)).json()).toEqual({ error: 'login_required', sign_in: '/_oidc_login' });
    expect((await agent.get(`${url}/_token_validation`)).json()).toEqual({ sub: 'alice', aud: ['one', 'two'] });
    expect((await agent.get(`${url}/front_channel_logout?sid=unknown`)).text).toBe('Logout successful');
    expect(String((await agent.get(`${url}/logout`)).headers.location)).toBe(`${url}/_logout`);
  });

  it('tells the operator what it sees, and no secret', async () => {
    const answer = await agent.get(`${url}/_oidc_check?format=json`);
    const { status, findings } = answer.json() as unknown as { status: string; findings: Finding[] };
    const of = (name: string) => findings.find(({ about }) => about === name);
    expect([answer.status, status]).toEqual([200, 'ok']);
    expect(of('redirect URI')?.value).toBe(`${url}/_codexch`);
    expect(of('client authentication')).toMatchObject({ state: 'ok', value: 'client_secret_basic' });
    expect(of('keys')).toMatchObject({ state: 'ok', value: expect.stringContaining('RS256') });
    expect(of('cluster')).toMatchObject({ state: 'info', value: 'one node' });
    expect(of('relaxation')).toMatchObject({ state: 'warning' }); // the provider of the test has no TLS
    expect(answer.text).not.toContain(cognito.client.secret);
    expect(answer.headers['cache-control']).toBe('no-store');
    const text = await agent.get(`${url}/_oidc_check`, { headers: { accept: '*/*' } });
    expect(text.text).toMatch(/^OpenID Connect configuration: no problem found\n\n/);
  });
});
