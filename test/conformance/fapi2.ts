import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { expect } from 'vitest';
import type { Scene, SceneOptions } from '../security/site';
import type { GrantType } from '../support/misbehaving-provider';
import type { Json } from '../support/provider/sign';
import { type TlsScene, tlsScene } from '../support/tls-scene';

/** A site with a profile, its provider, and how the client shows who it is and whose its tokens are. */
export interface Fapi2 {
  /** where the client calls an endpoint */
  at: (path: string) => string;
  /** what is called before the token request */
  beforeToken: string[];
  /** whether requests and responses are signed */
  signsMessages: boolean;
  /** that what was sent shows what the tokens are bound to */
  expectBound: (scene: Scene) => void;
  options: SceneOptions;
  before: (scene: Scene) => Promise<void>;
}

/**
 * @param method `mtls` authenticates by the certificate
 * @param binding what the tokens are bound to
 */
export function fapi2(profile: string, method: 'private_key_jwt' | 'mtls', binding: 'dpop' | 'mtls'): Fapi2 {
  const tls = tlsScene({ showsCertificate: binding === 'mtls' });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyfile = tls.file('client-key.pem', String(privateKey.export({ format: 'pem', type: 'pkcs8' })));
  const byCertificate = method === 'mtls';
  const { changes, ...options } = tls.options;
  const at = (path: string) => (binding === 'mtls' ? `/mtls${path}` : path);
  return {
    at,
    beforeToken: ['/metadata', at('/par'), '/authorize'],
    signsMessages: profile === 'fapi2-message-signing',
    expectBound: (scene) => (binding === 'mtls' ? expectBound(scene, tls) : expectProofs(scene)),
    options: {
      ...options,
      provider: {
        ...options.provider,
        alg: 'PS256',
        does: {
          requirePushed: true,
          requireSigned: profile === 'fapi2-message-signing',
          clientAuthentication: [byCertificate ? 'tls_client_auth' : 'private_key_jwt'],
        },
      },
      changes: {
        set: { oidc_client_secret: '' },
        alsoSet: {
          ...changes?.alsoSet,
          oidc_profile: profile,
          oidc_client_auth_method: byCertificate ? 'tls_client_auth' : 'private_key_jwt',
          oidc_client_keyfile: keyfile,
          oidc_mtls: binding === 'mtls' ? '1' : '0',
          oidc_userinfo: '1',
          oidc_expired_access_token: 'drop',
        },
      },
    },
    async before(scene) {
      scene.provider.client.certificate = tls.fingerprint;
      const { keys } = (await scene.agent.get(`${scene.site.url}/_oidc_jwks`)).json<{ keys: JWK[] }>();
      scene.provider.client.keys = keys;
      await scene.agent.get(`${scene.site.url}/probe/forget`);
      scene.provider.reset();
    },
  };
}

/** What every call as the client must have been: by its certificate, and over the addresses for it. */
export function expectBound(scene: Scene, { fingerprint }: TlsScene): void {
  const calls = scene.provider.requests().filter(({ endpoint }) => /\/(?:par|token|userinfo|revoke)$/.test(endpoint));
  for (const { endpoint, certificate } of calls) {
    expect([endpoint.startsWith('/mtls/'), certificate]).toEqual([true, fingerprint]);
  }
}

/** What every call with a token, or for one, must have been: by a proof of one key, another one each time. */
function expectProofs(scene: Scene): void {
  const calls = scene.provider.requests().filter(({ endpoint }) => /^\/(?:token|userinfo)$/.test(endpoint));
  const proofs = calls.map(({ headers }) => String(headers.dpop));
  expect(new Set(proofs).size).toBe(calls.length);
  expect(new Set(proofs.map((proof) => JSON.stringify(decodeProtectedHeader(proof).jwk))).size).toBe(1);
  const userinfo = calls.filter(({ endpoint }) => endpoint === '/userinfo');
  for (const { headers } of userinfo) expect(headers.authorization).toMatch(/^DPoP /);
}

export const changeIdToken =
  (change: Json) =>
  (claims: Json, _grant: GrantType): Json => ({ ...claims, ...change });

/** The request that was pushed, whether it was signed or not. */
export function pushedRequest(scene: Scene): Json {
  const form = Object.fromEntries(
    (scene.provider.requests('/mtls/par')[0] ?? scene.provider.requests('/par')[0])?.form ?? [],
  );
  return form.request === undefined ? form : { ...decodeJwt(form.request) };
}
