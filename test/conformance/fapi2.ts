import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, type JWK } from 'jose';
import { expect } from 'vitest';
import type { Scene, SceneOptions } from '../security/site';
import type { GrantType } from '../support/misbehaving-provider';
import type { Json } from '../support/provider/sign';
import { type TlsScene, tlsScene } from '../support/tls-scene';

/** A site with a profile, its provider, and how the client shows who it is and whose its tokens are. */
export interface Fapi2 {
  tls: TlsScene;
  options: SceneOptions;
  before: (scene: Scene) => Promise<void>;
}

/** @param method `mtls` also authenticates by the certificate that the tokens are bound to */
export function fapi2(profile: string, method: 'private_key_jwt' | 'mtls'): Fapi2 {
  const tls = tlsScene({ showsCertificate: true });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyfile = tls.file('client-key.pem', String(privateKey.export({ format: 'pem', type: 'pkcs8' })));
  const byCertificate = method === 'mtls';
  const { changes, ...options } = tls.options;
  return {
    tls,
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
          oidc_mtls: '1',
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

/** Up to the ID token, which is then verified. */
export const tokenCalls = ['/metadata', '/mtls/par', '/authorize', '/mtls/token', '/jwks'];

/** What every call as the client must have been: by its certificate, and over the addresses for it. */
export function expectBound(scene: Scene, { fingerprint }: TlsScene): void {
  const calls = scene.provider.requests().filter(({ endpoint }) => /\/(?:par|token|userinfo|revoke)$/.test(endpoint));
  for (const { endpoint, certificate } of calls) {
    expect([endpoint.startsWith('/mtls/'), certificate]).toEqual([true, fingerprint]);
  }
}

export const changeIdToken =
  (change: Json) =>
  (claims: Json, _grant: GrantType): Json => ({ ...claims, ...change });

/** The request that was pushed, whether it was signed or not. */
export function pushedRequest(scene: Scene): Json {
  const form = Object.fromEntries(scene.provider.requests('/mtls/par')[0]?.form ?? []);
  return form.request === undefined ? form : { ...decodeJwt(form.request) };
}
