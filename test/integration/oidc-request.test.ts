import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { authorizationRequest, type Scene, useScene } from '../security/site';
import { onEachTarget } from '../support/nginx';
import { startSiteWithProviders } from '../support/several-providers';
import { startSite } from '../support/site';

const folder = mkdtempSync(join(tmpdir(), 'hosted-'));
const keyfile = join(folder, 'client.pem');
writeFileSync(
  keyfile,
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
);
afterAll(() => rmSync(folder, { recursive: true }));

const hmacKey = 'a-key-that-two-machines-have-in-common';
const alsoSet = {
  oidc_signed_request: 'by_reference',
  oidc_client_keyfile: keyfile,
  oidc_authz_extra_args: 'ui_locales=de&max_age=600',
  oidc_dpop: '1',
};
const stepUp = `location /recent/ { set $oidc_max_age 60; auth_request /_oidc_auth; error_page 401 = @do_oidc_flow;
  proxy_pass http://my_backend; }\n`;

/** The address that a page's authorization request names, and what the rest of that says. */
async function reference(scene: Scene, path = '/') {
  const { searchParams } = await authorizationRequest(scene, scene.agent, path);
  const { request_uri: uri = '', ...clear } = Object.fromEntries(searchParams);
  return { uri, clear };
}

onEachTarget('/_oidc_request', (nginx) => {
  const scene = useScene(nginx, {
    workers: 2,
    provider: { does: { requireSigned: true, clientAuthentication: ['private_key_jwt'] } },
    changes: { set: { oidc_hmac_key: hmacKey }, alsoSet },
    editServer: (conf) => conf + stepUp,
  });
  beforeEach(async () => {
    const { keys } = (await scene.agent.get(`${scene.site.url}/_oidc_jwks`)).json<{ keys: JWK[] }>();
    scene.provider.client.keys = keys;
  });

  it('has the signed request that the browser brings the provider the address of', async () => {
    const { uri, clear } = await reference(scene);
    expect(clear).toEqual({
      client_id: 'test-client',
      response_type: 'code',
      scope: expect.stringMatching(/^openid/),
    });
    expect([uri.startsWith(`${scene.site.url}/_oidc_request?`), uri.length <= 512]).toEqual([true, true]);
    const answer = await scene.agent.get(uri);
    expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
      200,
      'application/oauth-authz-req+jwt',
      'no-store',
    ]);
    expect(decodeProtectedHeader(answer.text)).toMatchObject({ alg: 'ES256', typ: 'oauth-authz-req+jwt' });
    const random = expect.stringMatching(/^[\w-]{43}$/);
    const { exp = 0, nbf = 0, ...claims } = decodeJwt(answer.text);
    expect(exp - nbf).toBe(300);
    expect(claims).toEqual({
      iss: 'test-client',
      aud: scene.provider.issuer,
      iat: nbf,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      ...clear,
      redirect_uri: `${scene.site.url}/_codexch`,
      state: random,
      nonce: random,
      code_challenge: random,
      code_challenge_method: 'S256',
      dpop_jkt: random,
      ui_locales: 'de',
      max_age: 600,
    });
  });

  it('ends in a session', async () => {
    await scene.signedIn();
    expect(scene.provider.does.refusals).toEqual([]);
  });

  it('says what a location demands in place of what is usual', async () => {
    const { uri } = await reference(scene, '/recent/');
    expect(decodeJwt((await scene.agent.get(uri)).text)).toMatchObject({ max_age: 60, ui_locales: 'de' });
  });

  it('has another one for each login, and the same one at each call, whichever machine answers', async () => {
    const [first, second] = [await reference(scene), await reference(scene)];
    const { site, provider, application } = scene;
    const changes = { set: { oidc_hmac_key: hmacKey }, alsoSet: { ...alsoSet, oidc_base_url: site.url } };
    const other = await startSite({ nginx, issuer: provider.issuer, application: application.address, changes });
    const at = async (url: string) => decodeJwt((await scene.agent.get(url)).text);
    const there = first.uri.replace(site.url, other.url);
    expect(there).not.toBe(first.uri);
    expect(await at(there)).toEqual(await at(first.uri));
    expect((await at(second.uri)).jti).not.toBe((await at(first.uri)).jti);
    await other.stop();
  });

  it.each([
    ['that was changed', (uri: string) => uri.slice(0, -1) + (uri.endsWith('A') ? 'B' : 'A')],
    ['that was made up', (uri: string) => uri.replace(/sealed=.*/, `sealed=${'A'.repeat(300)}`)],
    ['without anything', (uri: string) => uri.replace(/\?.*/, '')],
  ])('has nothing at an address %s', async (_, change) => {
    const { uri } = await reference(scene);
    const answer = await scene.agent.get(change(uri));
    expect([answer.status, answer.json()]).toEqual([400, { error: 'login_expired' }]);
    scene.site.nginx.expectLog(/ login_expired /);
  });

  it('is not longer than providers take: a login that asks for more is an error', async () => {
    const hint = 'a'.repeat(200);
    const answer = await scene.agent.navigate(
      `${scene.site.url}/_oidc_login?iss=${scene.provider.issuer}&login_hint=${hint}`,
    );
    expect([answer.status, scene.provider.requests('/authorize')]).toEqual([500, []]);
    scene.site.nginx.expectLog(/ config_invalid .*512 are the most/);
    expect(scene.site.nginx.errorLog()).toMatch(/ config_invalid .*512 are the most/);
  });

  it.each([
    [{ request_uri_parameter_supported: false }, /config_invalid .*fetches no requests/],
    [{ require_pushed_authorization_requests: true }, /config_invalid .*requests that are not pushed/],
  ])('is no way to a provider with %j', async (change, line) => {
    scene.provider.does.metadata = (document) => ({ ...document, ...change });
    const { provider, application } = scene;
    const site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      changes: { alsoSet },
    });
    expect((await scene.agent.get(`${site.url}/`)).status).toBe(500);
    site.nginx.expectLog(line);
    expect(site.nginx.errorLog()).toMatch(line);
    await site.stop();
  });

  it.each([
    ['of a site with another $oidc_hmac_key', alsoSet, 400],
    ['where requests do not go by reference', { ...alsoSet, oidc_signed_request: 'on' }, 404],
  ])('has nothing %s', async (_, settings, status) => {
    const { uri } = await reference(scene);
    const { provider, application } = scene;
    const isOther = status === 400;
    const changes = { set: { oidc_hmac_key: isOther ? `${hmacKey}!` : hmacKey }, alsoSet: settings };
    const site = await startSite({ nginx, issuer: provider.issuer, application: application.address, changes });
    const answer = await scene.agent.get(uri.replace(scene.site.url, site.url));
    expect([answer.status, answer.text.trim()]).toEqual([status, isOther ? '{"error":"login_expired"}' : '']);
    if (isOther) site.nginx.expectLog(/ login_expired /);
    await site.stop();
  });

  it('belongs to one of several providers, and is none of the others', async () => {
    const { issuer } = scene.provider;
    const named = { acme: { issuer, client: { id: 'at-acme' } }, globex: { issuer, client: { id: 'at-globex' } } };
    const { application } = scene;
    const changes = { alsoSet };
    const site = await startSiteWithProviders({ nginx, providers: named, application: application.address, changes });
    const { headers } = await scene.agent.get(`${site.url}/_oidc_login/acme?return=/`);
    const uri = new URL(String(headers.location)).searchParams.get('request_uri') ?? '';
    expect(uri.startsWith(`${site.url}/_oidc_request/acme?sealed=`)).toBe(true);
    expect(decodeJwt((await scene.agent.get(uri)).text)).toMatchObject({
      client_id: 'at-acme',
      redirect_uri: `${site.url}/_codexch/acme`,
    });
    for (const [path, status] of Object.entries({ '/globex': 400, '/other': 404, '': 404 })) {
      expect([path, (await scene.agent.get(uri.replace('/acme?', `${path}?`))).status]).toEqual([path, status]);
    }
    site.nginx.expectLog(/ (?:login_expired|provider_unknown) /);
    await site.stop();
  });
});
