import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, createAgent, signIn } from '../support/agent';
import { demoClient, type RunningProvider, startProvider } from '../support/demo-parts';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

onEachTarget('with oidc-provider that binds and encrypts tokens', (nginx) => {
  useNginx();
  const folder = mkdtempSync(join(tmpdir(), 'oidc-keys-'));
  let provider: RunningProvider;
  let application: EchoApplication;
  let site: Site;
  let agent: Agent;
  const alg = nginx.target === 'A' ? 'RSA-OAEP' : 'ECDH-ES';

  beforeAll(async () => {
    application = await startEchoApplication();
    const port = await freePort();
    const { privateKey, publicKey } =
      alg === 'ECDH-ES'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
    const file = join(folder, 'decryption.pem');
    chmodSync(folder, 0o755);
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const client = {
      ...demoClient(`http://127.0.0.1:${port}`),
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'enc' }] },
      dpop_bound_access_tokens: true,
      id_token_encrypted_response_alg: alg,
      id_token_encrypted_response_enc: 'A256GCM',
      userinfo_signed_response_alg: 'RS256',
      userinfo_encrypted_response_alg: alg,
      userinfo_encrypted_response_enc: 'A128CBC-HS256',
    };
    provider = await startProvider({
      port: 0,
      clients: [client],
      ttl: { AccessToken: 4, IdToken: 4 },
      overrides: {
        enabledJWA: {
          idTokenEncryptionAlgValues: [alg],
          userinfoEncryptionAlgValues: [alg],
          dPoPSigningAlgValues: ['ES256'],
        },
        features: {
          dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
          encryption: { enabled: true },
          jwtUserinfo: { enabled: true },
        },
      },
    });
    site = await startSite({
      nginx,
      port,
      issuer: provider.issuer,
      application: application.address,
      changes: {
        set: { oidc_client: client.client_id, oidc_client_secret: client.client_secret },
        alsoSet: {
          oidc_userinfo: '1',
          oidc_dpop: '1',
          oidc_decryption_keyfile: file,
          oidc_require_encryption: 'id_token userinfo',
        },
      },
      editFrontend: (conf) =>
        conf.replace(
          'auth_request /_oidc_auth;',
          'auth_request /_oidc_proof; set $oidc_dpop_url "https://api.test$request_uri"; proxy_set_header DPoP $oidc_dpop_proof;',
        ),
    });
  });
  afterAll(async () => {
    await provider?.stop();
    await application?.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    agent = createAgent();
    return () => agent.close();
  });

  it('a person signs in, and goes on with renewed tokens', async () => {
    const page = await signIn(agent, `${site.url}/reports`);
    expect(page.status).toBe(200);
    const { headers } = page.json<Echo & Record<string, unknown>>();
    expect(headers).toMatchObject({ username: 'alice', 'x-email': expect.stringContaining('@') });
    expect(decodeJwt(String(headers.dpop))).toMatchObject({ htu: 'https://api.test/reports', htm: 'GET' });
    // the first call is refused for its missing nonce
    expect(provider.events.countTokens('authorization_code')).toBe(2);
    await sleep(4100);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(200);
    expect(provider.events.countTokens('refresh_token')).toBe(1);
  });
});
