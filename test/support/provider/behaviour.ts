import type { JWK } from 'jose';
import type { Recorded } from './recorded';
import type { Json } from './sign';
import type { Canned } from './transport';

export type Endpoint =
  | '/metadata'
  | '/authorize'
  | '/token'
  | '/jwks'
  | '/userinfo'
  | '/logout'
  | '/revoke'
  | '/introspect'
  | '/par'
  | '/register';
export type GrantType = 'authorization_code' | 'refresh_token';
export type ClientAuthentication =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'
  | 'none';

type Maybe<T> = T | Promise<T>;

/** An answer, or what decides for each request; undefined: properly. */
export type CannedAnswer = Canned | ((request: Recorded) => Maybe<Canned | undefined>);

/**
 * What a test changes; `reset()` makes all of it proper again. A hook gets the proper value and returns what is sent
 * instead: for a document that is an object, or text as it is, or a Reply with status and headers.
 */
export interface Behaviour {
  /** of ID tokens: RS, PS, ES or HS 256, 384 or 512 */
  alg: string;
  /** the numbers of the keys in the JWKS, and of the one that signs */
  publishedKeys: number[];
  signingKeyNumber: number;
  /** accepted at /token, /revoke and /introspect, and advertised */
  clientAuthentication: ClientAuthentication[];
  /** of client assertions: the algorithms that are taken and advertised, and the audience where it is not the issuer */
  assertionAlgorithms: string[] | undefined;
  assertionAudience: string | undefined;
  /** refuses authorization requests that were not pushed (RFC 9126), or are not signed (RFC 9101) */
  requirePushed: boolean;
  requireSigned: boolean;
  /** of request objects: the algorithms that are taken and advertised */
  requestAlgorithms: string[] | undefined;
  /** why request objects were refused */
  refusals: string[];
  /** whether id and secret in HTTP Basic are form-encoded (RFC 6749 2.3.1) */
  basicEncoding: 'form' | 'raw';
  rotate: boolean;
  /** using a code or a refresh token twice revokes the whole family */
  revokeFamilyOnReuse: boolean;
  /** seconds, or nothing is said of it */
  expiresIn: number | undefined;
  /** seconds */
  idTokenLifetime: number;
  refreshToken: boolean;
  /** what each DPoP proof must have in it */
  dpopNonce: string | undefined;
  refreshIdToken: boolean;
  user: Json & { sub: string };
  metadata: (document: Json) => unknown;
  jwks: (set: { keys: JWK[] }) => unknown;
  /** the query of the redirect back: code, state, iss, or error ...; text is sent as it is */
  authorization: (parameters: URLSearchParams) => Maybe<URLSearchParams | string>;
  /** the same as a JWT, where the request asks for one (JARM): claims, header, and the last word on it */
  responseClaims: (claims: Json) => Maybe<Json>;
  responseHeader: (header: Json) => Maybe<Json>;
  responseJwt: (token: string) => Maybe<string>;
  /** claims to sign; text is signed as it is */
  idToken: (claims: Json, grant: GrantType) => Maybe<Json | string>;
  /** a header member that is undefined goes away; the key is chosen by `alg`, after this */
  header: (header: Json) => Maybe<Json>;
  /** the last word on the compact token */
  compact: (token: string) => Maybe<string>;
  tokens: (body: Json, grant: GrantType) => unknown;
  userinfo: (claims: Json) => unknown;
  /** of an access token that was given out (RFC 7662); else "active" is false, and nothing is asked here */
  introspection: (answer: Json) => unknown;
  /** the query of the redirect back after a logout */
  logout: (parameters: URLSearchParams) => Maybe<URLSearchParams | string>;
  canned: Partial<Record<Endpoint, CannedAnswer>>;
  /** milliseconds before an endpoint does its work and answers properly */
  delays: Partial<Record<Endpoint, number>>;
}

export function properBehaviour(): Behaviour {
  return {
    alg: 'RS256',
    publishedKeys: [1],
    signingKeyNumber: 1,
    clientAuthentication: ['client_secret_basic', 'client_secret_post'],
    assertionAlgorithms: undefined,
    assertionAudience: undefined,
    requirePushed: false,
    requireSigned: false,
    requestAlgorithms: undefined,
    refusals: [],
    basicEncoding: 'form',
    rotate: true,
    revokeFamilyOnReuse: true,
    expiresIn: 300,
    idTokenLifetime: 300,
    refreshToken: true,
    dpopNonce: undefined,
    refreshIdToken: true,
    user: { sub: 'alice', name: 'Alice Liddell', email: 'alice@example.com', groups: ['staff', 'admins'] },
    metadata: (document) => document,
    jwks: (set) => set,
    authorization: (parameters) => parameters,
    responseClaims: (claims) => claims,
    responseHeader: (header) => header,
    responseJwt: (token) => token,
    idToken: (claims) => claims,
    header: (header) => header,
    compact: (token) => token,
    tokens: (body) => body,
    userinfo: (claims) => claims,
    introspection: (answer) => answer,
    logout: (parameters) => parameters,
    canned: {},
    delays: {},
  };
}

/** The discovery document (OpenID Connect Discovery 1.0 section 3). */
export function metadataOf(issuer: string, does: Behaviour): Json {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/logout`,
    revocation_endpoint: `${issuer}/revoke`,
    introspection_endpoint: `${issuer}/introspect`,
    pushed_authorization_request_endpoint: `${issuer}/par`,
    registration_endpoint: `${issuer}/register`,
    require_pushed_authorization_requests: does.requirePushed,
    require_signed_request_object: does.requireSigned,
    request_object_signing_alg_values_supported: does.requestAlgorithms,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    id_token_signing_alg_values_supported: [does.alg],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: does.clientAuthentication,
    token_endpoint_auth_signing_alg_values_supported: does.assertionAlgorithms,
    ...(issuer.startsWith('https:') ? { mtls_endpoint_aliases: aliasesOf(issuer) } : {}),
    authorization_response_iss_parameter_supported: true,
  };
}

/** Where clients with a certificate go (RFC 8705 section 5). */
function aliasesOf(issuer: string): Json {
  const names = {
    token: 'token',
    userinfo: 'userinfo',
    revocation: 'revoke',
    introspection: 'introspect',
    pushed_authorization_request: 'par',
  };
  return Object.fromEntries(
    Object.entries(names).map(([name, path]) => [`${name}_endpoint`, `${issuer}/mtls/${path}`]),
  );
}
