import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/check/finding';
import { authorizationRequest, type Scene, useScene } from '../security/site';
import { createAgent } from '../support/agent';
import { startEchoApplication } from '../support/echo-application';
import { startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { startSite } from '../support/site';

const folder = mkdtempSync(join(tmpdir(), 'requests-'));
const keyfile = join(folder, 'client.pem');
writeFileSync(
  keyfile,
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
);
afterAll(() => rmSync(folder, { recursive: true }));

const protocolParameters = {
  response_type: 'code',
  state: expect.stringMatching(/^[\w-]{43}$/),
  nonce: expect.stringMatching(/^[\w-]{43}$/),
  code_challenge: expect.stringMatching(/^[\w-]{43}$/),
  code_challenge_method: 'S256',
};

/** Signs in, with the keys registered; what the provider's endpoints got. */
async function signIn(scene: Scene) {
  await scene.signedIn();
  const [authorize] = scene.provider.requests('/authorize');
  const [par] = scene.provider.requests('/par');
  return { query: Object.fromEntries(authorize?.query ?? []), pushed: par?.form, endpoints: endpointsOf(scene) };
}
const endpointsOf = (scene: Scene) => scene.provider.requests().map(({ endpoint }) => endpoint);

async function registerKeys(scene: Scene): Promise<void> {
  const { keys } = (await scene.agent.get(`${scene.site.url}/_oidc_jwks`)).json<{ keys: JWK[] }>();
  scene.provider.client.keys = keys;
}

onEachTarget('authorization requests', (nginx) => {
  useNginx();

  describe('pushed (RFC 9126)', () => {
    const scene = useScene(nginx, { changes: { alsoSet: { oidc_par: 'on' } } });

    it('reach the provider past the browser, which carries a reference alone', async () => {
      scene.provider.does.requirePushed = true;
      const { query, pushed } = await signIn(scene);
      expect(query).toEqual({
        client_id: 'test-client',
        request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:/),
      });
      expect(Object.fromEntries(pushed ?? [])).toMatchObject({ client_id: 'test-client', ...protocolParameters });
      expect(pushed?.getAll('client_id')).toHaveLength(1);
    });

    it.each([
      [400, '{"error":"invalid_redirect_uri"}', /pushed_request_failed .*answered 400, invalid_redirect_uri/, 502],
      [201, '{"request_uri":"a\\nb"}', /pushed_request_failed .*no request_uri/, 502],
      [503, '', /provider_unreachable .*answered 503/, 502],
    ])('that are answered with %i %s are an error, and no redirect', async (status, body, line, shown) => {
      scene.provider.respond('/par', { status, body });
      const page = await scene.agent.get(`${scene.site.url}/`);
      expect([page.status, page.headers.location]).toEqual([shown, undefined]);
      scene.site.nginx.expectLog(line);
      expect(scene.site.nginx.errorLog()).toMatch(line);
    });
  });

  describe('that the provider requires to be pushed and signed', () => {
    const alsoSet = { oidc_client_keyfile: keyfile, oidc_authz_extra_args: 'max_age=600&prompt=login' };
    const does = { requirePushed: true, requireSigned: true, clientAuthentication: ['private_key_jwt' as const] };
    const scene = useScene(nginx, {
      changes: { set: { oidc_client_secret: '' }, alsoSet },
      provider: { does },
    });
    beforeEach(() => registerKeys(scene));

    it('are so by themselves', async () => {
      const { query, pushed } = await signIn(scene);
      expect(Object.keys(query).sort()).toEqual(['client_id', 'request_uri']);
      expect([...(pushed?.keys() ?? [])].sort()).toEqual([
        'client_assertion',
        'client_assertion_type',
        'client_id',
        'request',
      ]);
      const object = pushed?.get('request') ?? '';
      expect(decodeProtectedHeader(object)).toEqual({
        alg: 'ES256',
        kid: expect.any(String),
        typ: 'oauth-authz-req+jwt',
      });
      expect(decodeJwt(object)).toMatchObject({ ...protocolParameters, max_age: 600, prompt: 'login' });
      expect(scene.provider.does.refusals).toEqual([]);
    });
  });

  describe('signed (RFC 9101)', () => {
    const scene = useScene(nginx, {
      changes: { alsoSet: { oidc_client_keyfile: keyfile, oidc_signed_request: 'on' } },
      provider: { does: { requireSigned: true, clientAuthentication: ['private_key_jwt'] } },
    });
    beforeEach(() => registerKeys(scene));

    it('say in clear only what OpenID Connect wants there', async () => {
      const { query } = await signIn(scene);
      const { request = '', ...clear } = query;
      expect(clear).toEqual({
        client_id: 'test-client',
        response_type: 'code',
        scope: expect.stringMatching(/^openid/),
      });
      expect(decodeJwt(request)).toMatchObject(protocolParameters);
    });

    it('are another object for each login, and hold five minutes', async () => {
      const objects = [];
      for (let i = 0; i < 2; i++) {
        const { searchParams } = await authorizationRequest(scene);
        objects.push(decodeJwt(searchParams.get('request') ?? ''));
      }
      expect(new Set(objects.map(({ jti }) => jti)).size).toBe(2);
      expect(objects.map(({ exp = 0, nbf = 0 }) => exp - nbf)).toEqual([300, 300]);
    });
  });

  it.each([
    ['on', { pushed_authorization_request_endpoint: undefined }, 'wanted, and the provider names no endpoint for them'],
    ['off', { require_pushed_authorization_requests: true }, 'the provider requires them'],
    ['on', {}, undefined],
    ['', { require_pushed_authorization_requests: true }, undefined],
  ])('/_oidc_check tells whether $oidc_par "%s" fits %j', async (par, change, problem) => {
    const provider = await startMisbehavingProvider({ does: { metadata: (document) => ({ ...document, ...change }) } });
    const site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: '127.0.0.1:1',
      changes: { alsoSet: { oidc_par: par } },
      editServer: (conf) =>
        `${conf}location = /_oidc_check { auth_request off; js_import oidc_operator from conf.d/openid_connect_operator.js; js_content oidc_operator.checkConfiguration; }`,
    });
    const agent = createAgent();
    const { findings } = (await agent.get(`${site.url}/_oidc_check?format=json`)).json<{ findings: Finding[] }>();
    const found = findings.find(({ about, state }) => about === 'pushed requests' && state === 'problem');
    expect(found?.value).toBe(problem);
    for (const part of [agent, site, provider]) await ('close' in part ? part.close() : part.stop());
  });

  it.each([
    ['oidc_par', { pushed_authorization_request_endpoint: undefined }, /config_invalid .*set \$oidc_par_endpoint/],
    [
      'oidc_signed_request',
      { request_object_signing_alg_values_supported: ['PS256'] },
      /config_invalid .*no key to sign with by PS256/,
    ],
  ])('wanted by $%s that the provider cannot take are an error that says so', async (name, change, line) => {
    const alsoSet = { [name]: 'on', oidc_client_keyfile: keyfile };
    const provider = await startMisbehavingProvider({ does: { metadata: (document) => ({ ...document, ...change }) } });
    const application = await startEchoApplication();
    const site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      changes: { alsoSet },
    });
    const agent = createAgent();
    expect((await agent.get(`${site.url}/`)).status).toBe(500);
    site.nginx.expectLog(line);
    expect(site.nginx.errorLog()).toMatch(line);
    for (const part of [agent, site, application, provider]) await ('close' in part ? part.close() : part.stop());
  });
});
