import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../src/check/finding';
import { type Agent, createAgent } from '../support/agent';
import { createCertificates } from '../support/certificates';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, type SiteOptions, startSite, testClient } from '../support/site';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8') => String(key.export({ format: 'pem', type }));
const jwk = (key: KeyObject, more: object) => JSON.stringify({ ...key.export({ format: 'jwk' }), ...more });

onEachTarget("the client's keys", (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site | undefined;
  let agent: Agent;
  const certificates = createCertificates(['127.0.0.1', 'client', 'other']);
  const read = (name: string) => readFileSync(join(certificates.folder, name), 'utf8');

  beforeAll(async () => {
    provider = await startMisbehavingProvider({ tls: { cert: read('127.0.0.1.pem'), key: read('127.0.0.1.key') } });
    application = await startEchoApplication();
  });
  afterEach(async () => {
    await agent.close();
    await site?.stop();
    provider.reset();
    provider.client.keys = [];
    delete provider.client.certificate;
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
    rmSync(certificates.folder, { recursive: true });
  });

  /** @param keys name to content, read by the workers */
  async function start(keys: Record<string, string>, alsoSet: Record<string, string>, more: Partial<SiteOptions> = {}) {
    for (const [name, text] of Object.entries(keys)) writeFileSync(join(certificates.folder, name), text);
    agent = createAgent({}, { authority: certificates.authority });
    site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      files: { 'keys/authority.pem': certificates.authority },
      changes: { set: { oidc_client_secret: '' }, alsoSet: { oidc_insecure_http_provider: '0', ...alsoSet } },
      editServer: (conf) =>
        conf.replace('/etc/ssl/certs/ca-certificates.crt', 'keys/authority.pem') +
        '\nlocation = /_oidc_check { auth_request off; js_import oidc_operator from conf.d/openid_connect_operator.js; js_content oidc_operator.checkConfiguration; }',
      ...more,
    });
    return site;
  }
  const paths = (...names: string[]) => names.map((name) => join(certificates.folder, name)).join(' ');

  /** The relying party's keys as the provider would fetch them from its jwks_uri. */
  async function register({ url }: Site): Promise<JWK[]> {
    const { keys } = (await agent.get(`${url}/_oidc_jwks`)).json<{ keys: JWK[] }>();
    provider.client.keys = keys;
    return keys;
  }

  it.each([
    ['PS256', 'RSA, PKCS#8', pem(rsa), undefined],
    ['PS256', 'RSA, PKCS#1', pem(rsa, 'pkcs1'), ['ES256', 'PS256', 'RS256']],
    ['RS256', 'RSA', pem(rsa), ['RS256']],
    ['ES256', 'P-256, SEC 1', pem(ec('P-256'), 'sec1'), undefined],
    ['ES384', 'P-384, JWK', jwk(ec('P-384'), { kid: 'mine' }), undefined],
    ['ES512', 'P-521', pem(ec('P-521')), undefined],
  ])('authenticate it by %s with a key that is %s', async (alg, _kind, file, accepted) => {
    provider.does.clientAuthentication = ['private_key_jwt'];
    provider.does.assertionAlgorithms = accepted;
    provider.does.expiresIn = 1;
    const { url } = await start({ signing: file }, { oidc_client_keyfile: paths('signing') });
    const [key, ...more] = await register({ url } as Site);
    expect(more).toEqual([]);
    expect(key).toMatchObject({ use: 'sig', alg });
    expect(Object.keys(key ?? {}).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi'].includes(name))).toEqual([]);

    expect((await agent.navigate(`${url}/`)).status).toBe(200);
    provider.does.expiresIn = 300;
    const [call] = provider.grants('authorization_code');
    const assertion = call?.form.get('client_assertion') ?? '';
    expect(decodeProtectedHeader(assertion)).toEqual({ alg, kid: key?.kid });
    expect([call?.form.get('client_id'), call?.form.has('client_secret')]).toEqual([testClient.id, false]);

    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await agent.navigate(`${url}/`)).status).toBe(200); // renewed, by another assertion
    expect(provider.grants('refresh_token').length).toBeGreaterThan(0);
    await agent.navigate(`${url}/logout`);
    expect(provider.requests('/revoke')).toHaveLength(1);
    const assertions = ['/token', '/revoke'].flatMap((endpoint) =>
      provider.requests(endpoint).map(({ form }) => form.get('client_assertion')),
    );
    expect(assertions.length).toBeGreaterThan(2);
    expect(new Set(assertions).size).toBe(assertions.length);
  });

  it('may be two, of which the first signs, and both are published', async () => {
    provider.does.clientAuthentication = ['private_key_jwt'];
    const files = { next: jwk(ec('P-256'), { kid: 'next' }), last: jwk(rsa, { kid: 'last' }) };
    const { url } = await start(files, { oidc_client_keyfile: paths('next', 'last') });
    expect((await register({ url } as Site)).map(({ kid }) => kid)).toEqual(['next', 'last']);
    expect((await agent.navigate(`${url}/`)).status).toBe(200);
    const [call] = provider.requests('/token');
    expect(decodeProtectedHeader(call?.form.get('client_assertion') ?? '').kid).toBe('next');
  });

  it('are named by their certificate, too, where that is in the file', async () => {
    provider.does.clientAuthentication = ['private_key_jwt'];
    const { url } = await start(
      { both: read('client.key') + read('client.pem') },
      { oidc_client_keyfile: paths('both') },
    );
    const [key] = await register({ url } as Site);
    expect((await agent.navigate(`${url}/`)).status).toBe(200);
    const [call] = provider.requests('/token');
    const { fingerprint256 } = new X509Certificate(read('client.pem'));
    expect(decodeProtectedHeader(call?.form.get('client_assertion') ?? '')).toEqual({
      alg: 'ES256',
      kid: key?.kid,
      'x5t#S256': Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
    });
  });

  it('are left for one that the provider takes', async () => {
    provider.does.clientAuthentication = ['private_key_jwt'];
    provider.does.assertionAlgorithms = ['ES256'];
    const files = { a: pem(rsa), b: jwk(ec('P-256'), { kid: 'elliptic' }) };
    const { url } = await start(files, { oidc_client_keyfile: paths('a', 'b') });
    await register({ url } as Site);
    expect((await agent.navigate(`${url}/`)).status).toBe(200);
  });

  it('name the token endpoint to a provider that takes nothing else', async () => {
    provider.does.clientAuthentication = ['private_key_jwt'];
    provider.does.assertionAudience = `${provider.issuer}/token`;
    const alsoSet = { oidc_client_keyfile: paths('a'), oidc_client_assertion_aud: 'token_endpoint' };
    const { url } = await start({ a: pem(rsa) }, alsoSet);
    await register({ url } as Site);
    expect((await agent.navigate(`${url}/`)).status).toBe(200);
  });

  it.each([
    [
      'that are missing',
      {},
      'missing',
      /config_invalid .*\$oidc_client_keyfile \S*\/missing: .*must be able to read it/,
    ],
    ['that are none', { a: 'nothing' }, 'a', /config_invalid .*holds 0 private keys/],
    ['that sign by nothing that is taken', { a: pem(ec('P-384')) }, 'a', /config_invalid .*sign with by ES256/],
  ])('%s are named in the log, and by the check', async (what, files, name, line) => {
    provider.does.clientAuthentication = ['private_key_jwt'];
    provider.does.assertionAlgorithms = ['ES256'];
    const { url, nginx: process } = await start(files as Record<string, string>, { oidc_client_keyfile: paths(name) });
    const report = (await agent.get(`${url}/_oidc_check?format=json`)).json<{ findings: Finding[] }>();
    const check = report.findings.find(({ about }) => about === 'client authentication');
    expect(check).toMatchObject({ state: 'problem', value: expect.stringContaining('$oidc_client_keyfile') });
    const published = await agent.get(`${url}/_oidc_jwks`);
    const isReadable = !/missing|none/.test(what);
    expect([published.status, Object.keys(published.json())]).toEqual(isReadable ? [200, ['keys']] : [500, ['error']]);
    expect((await agent.navigate(`${url}/`)).status).toBe(500);
    process.expectLog(line);
    expect(process.errorLog()).toMatch(line);
    expect(provider.requests('/token')).toHaveLength(0);
  });

  it('may be its secret: client_secret_jwt where neither basic nor post is offered', async () => {
    provider.does.clientAuthentication = ['client_secret_jwt'];
    const { url } = await start({}, { oidc_client_secret: testClient.secret });
    expect((await agent.navigate(`${url}/`)).status).toBe(200);
    const [call] = provider.requests('/token');
    expect(decodeProtectedHeader(call?.form.get('client_assertion') ?? '')).toEqual({ alg: 'HS256' });
    expect(await register({ url } as Site)).toEqual([]); // a secret is never published
    expect(call?.form.has('client_secret')).toBe(false);
  });

  const withCertificate = (name: string): Partial<SiteOptions> => ({
    editServer: (conf) =>
      `${conf.replace('/etc/ssl/certs/ca-certificates.crt', 'keys/authority.pem')}
      proxy_ssl_certificate keys/client.pem; proxy_ssl_certificate_key keys/client.key;`,
    files: {
      'keys/authority.pem': certificates.authority,
      'keys/client.pem': read(`${name}.pem`),
      'keys/client.key': read(`${name}.key`),
    },
  });

  it.each(['tls_client_auth', 'self_signed_tls_client_auth'] as const)(
    'may be that of a certificate: %s, at the addresses for clients with one',
    async (method) => {
      provider.does.clientAuthentication = [method];
      provider.client.certificate = new X509Certificate(read('client.pem')).fingerprint256;
      const { url } = await start(
        {},
        { oidc_client_auth_method: method, oidc_userinfo: '1' },
        withCertificate('client'),
      );
      expect((await agent.navigate(`${url}/`)).status).toBe(200);
      expect(provider.requests().map(({ endpoint }) => endpoint)).toEqual([
        '/metadata',
        '/authorize',
        '/mtls/token',
        '/jwks',
        '/mtls/userinfo',
      ]);
      await agent.navigate(`${url}/logout`);
      expect(provider.requests('/mtls/revoke')).toHaveLength(1);
    },
  );

  it("refuse a certificate that is another client's", async () => {
    provider.does.clientAuthentication = ['tls_client_auth'];
    provider.client.certificate = new X509Certificate(read('client.pem')).fingerprint256;
    const { url, nginx: process } = await start(
      {},
      { oidc_client_auth_method: 'tls_client_auth' },
      withCertificate('other'),
    );
    expect((await agent.navigate(`${url}/`)).status).toBe(502);
    process.expectLog(/token_request_failed .*invalid_client/);
  });
});
