import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPlusVisit } from '../../../src/plus/plus-visit';
import { verifyIdToken } from '../../../src/plus/provider';
import { fakeRequest } from '../../support/fake-request';

const variables = {
  oidc_authz_endpoint: 'https://idp.test/authorize',
  oidc_token_endpoint: 'https://idp.test/token',
  oidc_jwt_keyfile: 'https://idp.test/.well-known/jwks.json',
  oidc_client: 'client',
  oidc_hmac_key: '0123456789abcdef0123456789abcdef',
  redirect_base: 'https://app.test:443',
};

describe('a client of existing configurations on NGINX Plus', () => {
  const authentication = (changes: Record<string, string>) => {
    const { client_secret, client_auth_method } = createPlusVisit(fakeRequest({ ...variables, ...changes })).config;
    return [client_auth_method, client_secret];
  };

  it.each([
    ['', 'client_secret_post'],
    ['my-client-secret', 'client_secret_post'],
    ['my-client-secret', 'client_secret_basic'],
    ['my-client-secret', ''],
  ])('is a public one with PKCE and the secret "%s", whatever the method: %s', (secret, method) => {
    const client = { oidc_pkce_enable: '1', oidc_client_secret: secret, oidc_client_auth_method: method };
    expect(authentication(client)).toEqual(['none', '']);
  });

  it('sends a secret of its own with PKCE, too', () => {
    const client = { oidc_pkce_enable: '1', oidc_client_secret: 'own', oidc_client_auth_method: 'client_secret_post' };
    expect(authentication(client)).toEqual(['client_secret_post', 'own']);
  });

  it.each([
    ['oidc_client_keyfile', '/etc/nginx/client.pem', ''],
    ['oidc_client_auth_method', 'tls_client_auth', 'tls_client_auth'],
  ])('is none of the public ones with $%s %s', (name, value, method) => {
    const client = { oidc_pkce_enable: '1', oidc_client_secret: '', [name]: value };
    expect(authentication(client)[0]).toBe(method);
  });

  it.each([
    ['profile', 'fapi2'],
    ['par', 'on'],
    ['signed_request', 'on'],
    ['response_mode', 'jwt'],
    ['response_mode', 'form_post'],
  ])('is told where $oidc_%s %s is done', (name, value) => {
    const settings = { [`oidc_${name}`]: value, oidc_client_keyfile: '/etc/nginx/client.pem' };
    const refused = `config_invalid: $oidc_${name} needs the files for open-source NGINX`;
    expect(() => authentication(settings)).toThrow(refused);
  });

  it('is not made a public one without PKCE', () => {
    const client = { oidc_pkce_enable: '0', oidc_client_secret: '', oidc_client_auth_method: 'client_secret_post' };
    expect(authentication(client)).toEqual(['client_secret_post', '']);
  });
});

it.each([
  { oidc_providers: 'acme globex' },
  { oidc_tenants: 't-1' },
  { oidc_cookie_name: 'sid' },
  { oidc_cookie_domain: 'example.com' },
])('what only the files for open-source NGINX can do is refused, not ignored: %j', (setting) => {
  expect(() => createPlusVisit(fakeRequest({ ...variables, ...setting }))).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      detail: expect.stringContaining(`$${Object.keys(setting)[0]} needs the files for open-source NGINX`),
    }),
  );
});

it.each([
  ['HS256', 'is accepted', { sub: 'alice' }],
  ['RS256', 'is refused', { code: 'id_token_algorithm' }],
])('with $oidc_id_token_algs %s an ID token by the secret of a key file %s', async (algorithms, _is, outcome) => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const secret = Buffer.from('a-client-secret-of-32-characters');
  const file = join(folder, 'keys.json');
  writeFileSync(file, JSON.stringify({ keys: [{ kty: 'oct', k: secret.toString('base64url') }] }));
  const settings = { oidc_jwt_keyfile: file, oidc_issuer: 'https://idp.test', oidc_id_token_algs: algorithms };
  const visit = createPlusVisit(fakeRequest({ ...variables, ...settings }));
  const token = await new SignJWT({ iss: 'https://idp.test', sub: 'alice', aud: 'client', nonce: 'N' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(secret);
  const verified = verifyIdToken(visit, token, { nonce: 'N', accessToken: 'x' });
  expect(await verified.catch((error: unknown) => error)).toMatchObject(outcome);
});
