import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { findPlus } from '../../scripts/nginx/plus';
import { describeNginx, type Nginx } from '../../scripts/nginx/target';
import { type Agent, createAgent } from '../support/agent';
import { type CognitoProvider, startCognito } from '../support/cognito-provider';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { useNginx } from '../support/nginx';
import { type PlusNginxSite, startPlusNginx } from '../support/plus/nginx-site';
import { waitUntil } from '../support/processes';

const targets = inject('nginxTargets');
const plus = targets.filter(({ target }) => target === 'P');
const standIns = targets.filter(({ engine, target }) => engine === 'qjs' && target !== 'P');

if (plus.length === 0) {
  it.skip('dist/plus on a real NGINX Plus: set NGINX_PLUS_BINARY to its binary', () => undefined);
}
for (const nginx of plus) describe(`[${describeNginx(nginx)}] NGINX Plus`, () => specs(nginx));
for (const nginx of standIns.filter(({ image }) => !image)) {
  it(`[${describeNginx(nginx)}] is refused where NGINX_PLUS_BINARY names it`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nginx-plus-'));
    const binary = join(folder, 'nginx');
    writeFileSync(binary, `#!/bin/sh\nexec ${nginx.command.join(' ')} "$@"\n`, { mode: 0o755 });
    await expect(findPlus({ NGINX_PLUS_BINARY: binary })).rejects.toThrow(
      `NGINX_PLUS_BINARY=${binary} cannot be used: it is no NGINX Plus but nginx version: nginx/${nginx.version}`,
    );
    rmSync(folder, { recursive: true });
  });
}
for (const nginx of standIns)
  describe(`[${describeNginx(nginx)}] NGINX Plus, translated for stock`, () => specs(nginx));

function specs(nginx: Nginx) {
  useNginx();
  let cognito: CognitoProvider;
  let application: EchoApplication;
  let site: PlusNginxSite;
  let agent: Agent;

  beforeAll(async () => {
    cognito = await startCognito();
    application = await startEchoApplication();
    site = await startPlusNginx({
      nginx,
      cognito,
      application: application.address,
      set: {
        oidc_end_session_endpoint: `${cognito.domain}/logout`,
        oidc_logout_style: 'cognito',
        oidc_revocation_endpoint: `${cognito.domain}/oauth2/revoke`,
        oidc_revoke_access_token: '1',
      },
      editServer: (conf) =>
        `${conf}\nlocation = /_token_validation {\nauth_jwt "" token=$arg_token;\njs_content oidc.extractTokenClaims;\n}\n`,
    });
  });
  beforeEach(() => {
    agent = createAgent();
  });
  afterEach(async () => {
    await agent.close();
    cognito.reset();
    cognito.allow(`${site.url}/_codexch`, `${site.url}/_logout`);
    for (const zone of ['oidc_id_tokens', 'oidc_access_tokens', 'refresh_tokens', 'oidc_sids']) await site.clear(zone);
  });
  afterAll(async () => {
    await application.stop();
    await cognito.stop();
  });

  const open = (path = '/') => agent.navigate(site.url + path);
  const signIn = async (path = '/') => {
    const form = await open(path);
    const posted = await agent.post(form.url, { login: 'alice', password: 'wonderland' });
    const callback = await agent.get(String(posted.headers.location));
    expect(callback.status).toBe(302);
    return callback;
  };

  it("signs in by the guide's lines, and the application learns who it is", async () => {
    const callback = await signIn('/reports?a=b');
    expect(String(callback.headers.location)).toMatch(/\/reports\?a=b$/);
    const page = await open('/reports?a=b');
    expect(page.status).toBe(200);
    expect(page.json<{ headers: Record<string, string> }>().headers.username).toBe(cognito.person.sub);
    expect(cognito.requests('/oauth2/authorize')[0]?.query.get('redirect_uri')).toBe(`${site.url}/_codexch`);
    await waitUntil('the person is in the log', () => site.nginx.accessLog().includes(` - ${cognito.person.sub} [`));
  });

  it('logs no code and no state of a sign-in', async () => {
    const { url } = await signIn('/logged');
    await waitUntil('the callback is in the log', () => /GET \/_codexch\?\S+ HTTP/.test(site.nginx.accessLog()));
    expect(site.nginx.accessLog()).toMatch(/GET \/_codexch\?(?:code|state)=\[masked\] HTTP/);
    for (const name of ['code', 'state']) {
      expect(site.nginx.accessLog()).not.toContain(String(new URL(url).searchParams.get(name)));
    }
  });

  it('has one entry for each session in the zones, as the API shows them', async () => {
    const callback = await signIn();
    const id = /auth_token=([^;]+)/.exec(callback.setCookies.join('\n'))?.[1] ?? '';
    expect(Object.keys(await site.zone('oidc_id_tokens'))).toEqual([id]);
    expect(Object.keys(await site.zone('oidc_access_tokens'))).toEqual([id]);
    expect((await site.zone('refresh_tokens'))[id]).toMatch(/^refresh-/);
  });

  it('lets nobody in without a session, nor with a token that auth_jwt refuses', async () => {
    expect((await agent.xhr(`${site.url}/secret`)).status).toBe(401);
    await signIn();
    const [[id = '', token = ''] = []] = Object.entries(await site.zone('oidc_id_tokens'));
    const changed = token.replace(/[^.]+$/, (signature) => (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1));
    await site.patch('oidc_id_tokens', { [id]: changed });
    site.nginx.expectLog(/id_token_invalid auth_jwt refuses/);
    expect((await open('/secret')).status).toBe(500);
    expect(application.requests.some(({ url }) => url === '/secret')).toBe(false);
  });

  it('renews a session whose ID token has ended or whose entry is gone, once', async () => {
    cognito.does.lifetime = 2;
    await signIn();
    await sleep(2_100);
    cognito.does.lifetime = 3600;
    const pages = await Promise.all([open('/a'), open('/b'), open('/c')]);
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(cognito.grants('refresh_token')).toHaveLength(1);
    await site.clear('oidc_id_tokens');
    expect((await open('/d')).status).toBe(200);
    expect(cognito.grants('refresh_token')).toHaveLength(2);
  });

  it('signs out here and at the provider, and leaves the mark of a session that is gone', async () => {
    await signIn();
    const [id = ''] = Object.keys(await site.zone('oidc_id_tokens'));
    const out = await agent.get(`${site.url}/logout`);
    expect(out.status).toBe(302);
    expect(String(out.headers.location)).toMatch(/\/logout\?client_id=.*logout_uri=/);
    expect((await site.zone('oidc_id_tokens'))[id]).toBe('-');
    expect((await site.zone('refresh_tokens'))[id]).toBe('-');
    expect(cognito.requests('/oauth2/revoke').map(({ form }) => form.get('token_type_hint'))).toEqual([
      'refresh_token',
      'access_token',
    ]);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
  });

  it('signs out everywhere, begins a login by a link, and refuses what is no logout token', async () => {
    await signIn();
    const other = createAgent();
    const form = await other.navigate(`${site.url}/_oidc_login?return=/reports`);
    const posted = await other.post(form.url, { login: 'alice', password: 'wonderland' });
    const callback = await other.get(String(posted.headers.location));
    expect(String(callback.headers.location)).toMatch(/\/reports$/);
    const refused = await other.xhr(`${site.url}/back_channel_logout`, {
      method: 'POST',
      form: { logout_token: 'a.b.c' },
    });
    expect([refused.status, refused.json<Record<string, unknown>>().error]).toEqual([400, 'invalid_request']);
    site.nginx.expectLog(/logout_invalid/);
    expect([(await open()).status, (await other.xhr(`${site.url}/`)).status]).toEqual([200, 200]);
    expect((await agent.post(`${site.url}/logout?everywhere=1`, {})).status).toBe(302);
    expect([(await agent.xhr(`${site.url}/`)).status, (await other.xhr(`${site.url}/`)).status]).toEqual([401, 401]);
    await other.close();
  });

  it('ends the session that the provider names in a hidden frame', async () => {
    cognito.does.claims = { sid: 'session-of-the-provider' };
    await signIn();
    const [id] = Object.keys(await site.zone('oidc_id_tokens'));
    expect((await site.zone('oidc_sids'))['session-of-the-provider']).toBe(id);
    const frame = createAgent();
    const iss = encodeURIComponent(cognito.issuer);
    const answer = await frame.get(`${site.url}/front_channel_logout?sid=session-of-the-provider&iss=${iss}`);
    await frame.close();
    expect([answer.status, answer.text]).toEqual([200, 'Logout successful']);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
  });

  it('keeps sessions over a restart, by the state files', async () => {
    await signIn();
    await sleep(1_500);
    await site.nginx.stopKeepingState();
    await site.nginx.start();
    expect((await open('/after')).status).toBe(200);
    expect(cognito.grants('refresh_token')).toHaveLength(0);
  });

  it('tells the claims of a token at /_token_validation of existing configurations', async () => {
    await signIn();
    const [token = ''] = Object.values(await site.zone('oidc_id_tokens'));
    const claims = (await agent.get(`${site.url}/_token_validation?token=${token}`)).json();
    expect(claims).toMatchObject({ sub: cognito.person.sub, iss: cognito.issuer });
  });
}
