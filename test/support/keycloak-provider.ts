import { decodeJwt } from 'jose';
import { type MisbehavingProvider, type Recorded, signingKey, startMisbehavingProvider } from './misbehaving-provider';
import type { Behaviour, Endpoint } from './provider/behaviour';
import type { Json } from './provider/sign';

const realm = '/realms/staff';
const paths: Record<string, Endpoint> = {
  auth: '/authorize',
  token: '/token',
  userinfo: '/userinfo',
  certs: '/jwks',
  logout: '/logout',
  revoke: '/revoke',
  'ext/par/request': '/par',
};
const algorithms = ['PS384', 'RS384', 'EdDSA', 'ES384', 'ES256', 'RS256', 'ES512', 'PS256', 'PS512', 'RS512'];

/** What Keycloak 26.4 publishes, as far as a client with a key looks at it. */
function metadataOf(issuer: string): Json {
  const at = (path: string) => `${issuer}/protocol/openid-connect/${path}`;
  return {
    issuer,
    authorization_endpoint: at('auth'),
    token_endpoint: at('token'),
    userinfo_endpoint: at('userinfo'),
    end_session_endpoint: at('logout'),
    revocation_endpoint: at('revoke'),
    jwks_uri: at('certs'),
    pushed_authorization_request_endpoint: at('ext/par/request'),
    // of the realm: what a client must do besides stands nowhere
    require_pushed_authorization_requests: false,
    frontchannel_logout_supported: true,
    backchannel_logout_supported: true,
    response_modes_supported: ['query', 'fragment', 'form_post', 'query.jwt', 'fragment.jwt', 'form_post.jwt', 'jwt'],
    token_endpoint_auth_methods_supported: [
      ...['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'tls_client_auth', 'client_secret_jwt'],
    ],
    token_endpoint_auth_signing_alg_values_supported: [...algorithms, 'HS256'],
    id_token_signing_alg_values_supported: [...algorithms, 'HS256'],
    request_object_signing_alg_values_supported: [...algorithms, 'HS256', 'none'],
    dpop_signing_alg_values_supported: algorithms,
    code_challenge_methods_supported: ['plain', 'S256'],
    scopes_supported: ['openid', 'email', 'profile', 'offline_access', 'roles', 'web-origins', 'acr', 'basic'],
    authorization_response_iss_parameter_supported: true,
    request_parameter_supported: true,
    request_uri_parameter_supported: true,
    require_request_uri_registration: true,
    tls_client_certificate_bound_access_tokens: true,
    mtls_endpoint_aliases: { token_endpoint: at('token'), userinfo_endpoint: at('userinfo') },
  };
}

const error = (status: number, description: string, code = 'invalid_request') => ({
  status,
  body: JSON.stringify({ error: code, error_description: description }),
  headers: { 'content-type': 'application/json' },
});

/** A proof is good for 10 seconds, with 15 for the clocks. */
function refusedProof({ headers }: Recorded) {
  if (headers.dpop === undefined) return error(400, 'DPoP proof is missing');
  const age = Date.now() / 1000 - Number(decodeJwt(String(headers.dpop)).iat);
  return age > 25 || age < -15 ? error(400, 'DPoP proof is not active') : undefined;
}

/** What the client `nginx` must do: push its requests, sign what it authenticates by with ES256, prove a key. */
async function behaviour(): Promise<Partial<Behaviour>> {
  const others = await Promise.all([signingKey('RS256', 7), signingKey('PS256', 8)]);
  const [realmKey, encryptionKey] = others.map(({ publicJwk }) => publicJwk);
  return {
    requirePushed: true,
    clientAuthentication: ['private_key_jwt'],
    assertionAlgorithms: ['ES256'],
    metadata: ({ issuer }) => metadataOf(String(issuer)),
    jwks: ({ keys }) => ({
      keys: [{ ...realmKey, alg: 'RS256' }, { ...encryptionKey, alg: 'RSA-OAEP', use: 'enc' }, ...keys] as never,
    }),
    authorization: (query) => {
      query.set('session_state', 'dd4a6f4c-8f0d-4a1e-8a0e-2a6f0a0f7a11');
      return query;
    },
    idToken: (claims, grant) => {
      const usual = { typ: 'ID', azp: claims.aud, acr: '1', jti: crypto.randomUUID(), auth_time: claims.iat };
      const { nonce, ...renewed } = claims;
      return { ...(grant === 'refresh_token' ? renewed : claims), ...usual };
    },
    tokens: (body) => ({ ...body, refresh_expires_in: 1800, 'not-before-policy': 0, scope: 'openid email profile' }),
    canned: {
      '/authorize': ({ query }) =>
        query.has('request_uri') ? undefined : error(400, 'Pushed Authorization Request is only allowed.'),
      '/token': refusedProof,
    },
  };
}

/**
 * A provider with the metadata of a Keycloak, and its rules for one client: *Pushed authorization request required*,
 * *Require DPoP bound tokens*, *Signed JWT* by ES256.
 */
export async function startKeycloak(tls: { cert: string; key: string }): Promise<MisbehavingProvider> {
  const named = Object.entries(paths).map(([path, endpoint]) => [`${realm}/protocol/openid-connect/${path}`, endpoint]);
  return startMisbehavingProvider({
    path: realm,
    paths: Object.fromEntries(named),
    alg: 'ES256',
    client: { id: 'nginx', secret: 'a-secret-that-keycloak-does-not-take-from-it' },
    tls,
    does: await behaviour(),
  });
}
