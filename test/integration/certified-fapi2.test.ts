import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportJWK, importPKCS8, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningProvider, startProvider } from '../../demo/provider';
import { createSigningKey } from '../../demo/provider-keys';
import { keyId, parsePrivateKeys } from '../../src/protocol/private-key';
import { type Agent, createAgent, signIn } from '../support/agent';
import { createCertificates } from '../support/certificates';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

/** What the certified provider is told to ask of this client, and what the site sets. */
const kinds: [name: string, client: object, features: object, set: Record<string, string>][] = [
  [
    'fapi2: private_key_jwt, PAR, DPoP with nonces',
    { dpop_bound_access_tokens: true, require_pushed_authorization_requests: true },
    { dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 'n'), requireNonce: () => true } },
    { oidc_profile: 'fapi2' },
  ],
  [
    'fapi2-message-signing: private_key_jwt, PAR, JAR, JARM, DPoP',
    {
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
      require_signed_request_object: true,
      request_object_signing_alg: 'ES256',
      authorization_signed_response_alg: 'PS256',
    },
    { dPoP: { enabled: true }, requestObjects: { enabled: true }, jwtResponseModes: { enabled: true } },
    { oidc_profile: 'fapi2-message-signing' },
  ],
  [
    'fapi2: mtls for both',
    {
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      token_endpoint_auth_signing_alg: undefined,
      tls_client_certificate_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
    },
    {},
    { oidc_profile: 'fapi2', oidc_client_auth_method: 'self_signed_tls_client_auth' },
  ],
];

onEachTarget('with oidc-provider', (nginx) => {
  describe.each(kinds)('as %s', (_name, metadata, features, alsoSet) => {
    useNginx();
    const certificates = createCertificates(['127.0.0.1', 'client']);
    const read = (name: string) => readFileSync(join(certificates.folder, name), 'utf8');
    let provider: RunningProvider;
    let application: EchoApplication;
    let site: Site;
    let agent: Agent;

    beforeAll(async () => {
      application = await startEchoApplication();
      const port = await freePort();
      const origin = `https://127.0.0.1:${port}`;
      const keyfile = join(certificates.folder, 'signing.pem');
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      writeFileSync(keyfile, privateKey.export({ format: 'pem', type: 'pkcs8' }));
      const tls = { cert: read('127.0.0.1.pem'), key: read('127.0.0.1.key') };
      provider = await startProvider({
        port: 0,
        tls,
        keys: [createSigningKey('PS256')],
        ttl: { AccessToken: 4, IdToken: 4 },
        clients: [
          {
            client_id: 'strict',
            token_endpoint_auth_method: 'private_key_jwt',
            token_endpoint_auth_signing_alg: 'ES256',
            jwks: { keys: [await publicKey(readFileSync(keyfile, 'utf8')), await certificateKey(read)] },
            id_token_signed_response_alg: 'PS256',
            grant_types: ['authorization_code', 'refresh_token'],
            redirect_uris: [`${origin}/_codexch`],
            post_logout_redirect_uris: [`${origin}/_logout`],
            ...metadata,
          },
        ],
        overrides: {
          clientAuthMethods: ['private_key_jwt', 'self_signed_tls_client_auth'],
          features: {
            pushedAuthorizationRequests: { enabled: true },
            fapi: { enabled: true, profile: '2.0' },
            mTLS: {
              enabled: true,
              selfSignedTlsClientAuth: true,
              certificateBoundAccessTokens: true,
              getCertificate: ({ socket }: { socket: import('node:tls').TLSSocket }) => socket.getPeerX509Certificate(),
            },
            ...features,
          },
        },
      });
      site = await startSite({
        nginx,
        port,
        tls,
        issuer: provider.issuer,
        application: application.address,
        files: {
          'authority.pem': certificates.authority,
          'client.pem': read('client.pem'),
          'client.key': read('client.key'),
        },
        editServer: (conf) =>
          `${conf.replace('/etc/ssl/certs/ca-certificates.crt', 'authority.pem')}
          proxy_ssl_certificate client.pem; proxy_ssl_certificate_key client.key;`,
        changes: {
          set: { oidc_client: 'strict', oidc_client_secret: '' },
          alsoSet: { oidc_insecure_http_provider: '0', oidc_client_keyfile: keyfile, oidc_userinfo: '1', ...alsoSet },
        },
      });
      agent = createAgent({}, { authority: certificates.authority });
    });
    afterAll(async () => {
      await agent?.close();
      await provider?.stop();
      await application?.stop();
      rmSync(certificates.folder, { recursive: true });
    });

    it('a person signs in, gets renewed tokens, and signs out', async () => {
      const page = await signIn(agent, `${site.url}/reports/2026?team=blue`);
      expect([page.status, page.url, page.text.slice(0, 300)]).toEqual([
        200,
        `${site.url}/reports/2026?team=blue`,
        expect.stringContaining('alice'),
      ]);
      const urls = page.trail.map(({ url }) => url);
      expect(urls.some((url) => /\/auth\?client_id=strict&request_uri=urn[^&]*$/.test(url))).toBe(true);
      const answered = urls.find((url) => url.startsWith(`${site.url}/_codexch?`)) ?? '';
      expect(answered).toMatch(alsoSet.oidc_profile === 'fapi2' ? /\?code=/ : /_codexch\?response=[^&]+$/);
      await sleep(4100);
      const answers = await Promise.all(Array.from({ length: 10 }, () => agent.xhr(`${site.url}/`)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(provider.events.countTokens('refresh_token')).toBeGreaterThan(0);
      const leaving = await agent.get(`${site.url}/logout`);
      const end = await agent.navigate(String(leaving.headers.location));
      expect(end.status).toBe(200);
      expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
    });
  });
});

async function publicKey(pem: string): Promise<JWK> {
  const [key] = parsePrivateKeys(pem);
  if (!key) throw new Error('no key');
  const { d: _, ...jwk } = await exportJWK(await importPKCS8(pem, 'ES256', { extractable: true }));
  return { ...jwk, kid: await keyId(key), use: 'sig' };
}

/** The certificate as the JWK set shows it (RFC 8705 section 2.2.2). */
async function certificateKey(read: (name: string) => string): Promise<JWK> {
  const { d: _, ...jwk } = await exportJWK(await importPKCS8(read('client.key'), 'ES256', { extractable: true }));
  const x5c = [read('client.pem').replace(/-----[^-]+-----|\s/g, '')];
  return { ...jwk, kid: 'certificate', use: 'sig', x5c };
}
