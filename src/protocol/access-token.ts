import { algorithmOf } from './algorithms';
import { claimText } from './claims';
import { oidcError } from './errors';
import { type Expected, sharedByAllTokens } from './id-token';
import { isJsonObject, type JsonObject } from './json';
import { decodeJws, type Jws, type VerifiedJws } from './jws';
import { printable } from './text';

declare const claimsValidated: unique symbol;
/** An access token that holds. Only `validateAccessToken` and `validateActiveToken` make it. */
export interface VerifiedAccessToken {
  readonly claims: JsonObject;
  readonly scopes: string[];
  /** Seconds since 1970 at which it ends; undefined where nobody told. */
  readonly exp: number | undefined;
  readonly [claimsValidated]: true;
}

/** What an access token is held against. Times in seconds. */
export interface ExpectedAccessToken extends Pick<Expected, 'issuer' | 'now' | 'clockSkew'> {
  /** The names of this API, of which the token must be for one. */
  readonly audiences: string[];
  /** Missing: nothing. */
  readonly proven?: Proven;
  /** What a token must be bound to; missing or `off`: it need not be. */
  readonly bound?: 'off' | Bound;
}

/** What a request proves to have besides the token; '' or missing for nothing. */
export interface Proven {
  /** Thumbprint of the key of its DPoP proof. */
  readonly jkt?: string;
  /** SHA-256 of its TLS certificate, base64url. */
  readonly certificate: string;
}

/** A key that is proved with each request (RFC 9449), the certificate of the connection (RFC 8705), or one of both. */
export type Bound = 'dpop' | 'mtls' | 'any';

/** `at+jwt` alone, as RFC 9068 has it, or also `JWT` and nothing, as many providers do. */
export type BearerType = 'at+jwt' | 'jwt';

/** What no access token has, and ID and logout tokens have (RFC 8725 section 3.12). */
const ofOtherTokens = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];

/** Whether a token is to be verified here: it has the form of a signed JWT. Any other text is opaque. */
export function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
}

/** The algorithms for access tokens: never with a secret, which others have, too (RFC 8725 section 3.5). */
export function asymmetric(algorithms: string[]): string[] {
  return algorithms.filter((name) => algorithmOf(name)?.kty !== 'oct');
}

/**
 * Takes an access token apart and refuses what no signature can make good, by its header first (RFC 9068 section 4):
 * nothing is fetched or computed for it.
 * @param algorithms the names to accept
 * @throws bearer_token_invalid
 */
export function decodeAccessToken(
  token: string,
  type: BearerType,
  algorithms: string[],
  expected: ExpectedAccessToken,
): Jws {
  let jws: Jws;
  try {
    jws = decodeJws(token, 'access token');
  } catch (error) {
    throw tokenErrorOf(error);
  }
  if (algorithms.indexOf(jws.header.alg) < 0) {
    throw invalid(`it is signed with ${printable(jws.header.alg, 20)}, which $oidc_id_token_algs does not list for it`);
  }
  check(typeOf(jws, type));
  checkClaims(jws.payload, expected);
  return jws;
}

/** Checks every claim of an access token whose signature holds. Throws bearer_token_invalid, naming the claim. */
export function validateAccessToken(jws: VerifiedJws, expected: ExpectedAccessToken): VerifiedAccessToken {
  checkClaims(jws.payload, expected);
  return verified(jws.payload);
}

/**
 * What a provider says of a token that it calls active, held against the same rules; `exp` and `iss` may be missing.
 * @throws bearer_token_invalid, naming the claim
 */
export function validateActiveToken(claims: JsonObject, expected: ExpectedAccessToken): VerifiedAccessToken {
  const { issuer: iss, now } = expected;
  checkClaims({ iss, exp: now + 1, ...claims }, expected);
  return verified(claims);
}

function verified(claims: JsonObject): VerifiedAccessToken {
  return { claims, scopes: scopesOf(claims), exp: claims.exp } as unknown as VerifiedAccessToken;
}

/** `scope` (RFC 9068 section 2.2.3), or `scp` as Entra ID and Okta write it; a text or a list. */
export function scopesOf({ scope, scp }: JsonObject): string[] {
  const value = scope === undefined ? scp : scope;
  const list = Array.isArray(value) ? value : [value];
  return list.every((entry) => typeof entry === 'string') ? list.join(' ').split(' ').filter(Boolean) : [];
}

/** Throws bearer_scope_missing unless every required scope was granted. */
export function requireScopes({ scopes }: VerifiedAccessToken, required: string[]): void {
  const missing = required.filter((scope) => scopes.indexOf(scope) < 0);
  if (missing.length > 0) {
    throw oidcError(
      'bearer_scope_missing',
      `the access token lacks the scope ${missing.join(' ')} ($oidc_require_scope)`,
    );
  }
}

/** What is wrong with a JWS, as an error of an access token; any other error stays what it is. */
export function tokenErrorOf(error: unknown): unknown {
  const { code, detail } = error as { code?: string; detail?: string };
  return code !== undefined && /^(?:id_token_|unknown_key|tenant_not_allowed)/.test(code)
    ? invalid(String(detail))
    : error;
}

const invalid = (problem: string) => oidcError('bearer_token_invalid', `access token: ${problem}`);

function check(problem: string | undefined): void {
  if (problem !== undefined) {
    throw invalid(problem);
  }
}

const wantedBy: Record<'off' | Bound, string[]> = {
  off: [],
  dpop: ['jkt'],
  mtls: ['x5t#S256'],
  any: ['jkt', 'x5t#S256'],
};

type AccessTokenRule = (claims: JsonObject, expected: ExpectedAccessToken) => string | undefined;

const rules = (sharedByAllTokens as AccessTokenRule[]).concat([audience, subject, kind, binding, boundness]);

function checkClaims(claims: JsonObject, expected: ExpectedAccessToken): void {
  for (const rule of rules) {
    check(rule(claims, expected));
  }
}

function typeOf({ header }: Jws, wanted: BearerType): string | undefined {
  const type = (header.typ || '').toLowerCase().replace(/^application\//, '');
  if (type === 'at+jwt' || (wanted === 'jwt' && (type === 'jwt' || type === ''))) {
    return undefined;
  }
  const said = `"typ" is ${type === '' ? 'missing' : `"${printable(type, 80)}"`}, not at+jwt`;
  return type === 'jwt' || type === ''
    ? `${said} (RFC 9068): where the provider writes no other, set $oidc_bearer_typ jwt`
    : said;
}

function audience({ aud }: JsonObject, { audiences }: ExpectedAccessToken) {
  const list = Array.isArray(aud) ? aud : [aud];
  const isForUs =
    list.every((entry) => typeof entry === 'string') && list.some((entry) => audiences.indexOf(entry) >= 0);
  const said = aud === undefined ? 'missing' : `"${printable(claimText(aud) ?? typeof aud, 200)}"`;
  return isForUs ? undefined : `"aud" is ${said}, not ${audiences.join(' or ')} ($oidc_bearer_audience)`;
}

function subject({ sub }: JsonObject) {
  return typeof sub === 'string' && sub !== '' && sub.length <= 255
    ? undefined
    : '"sub" is not a text of 1 to 255 characters';
}

/** Amazon Cognito names the kind of a token in `token_use`, Keycloak in a claim `typ`: `Bearer`, or `DPoP` for a bound one. */
function kind(claims: JsonObject) {
  const strange = ofOtherTokens.filter((name) => claims[name] !== undefined);
  if (strange.length > 0) {
    return `it has "${strange.join('", "')}" and so is no access token`;
  }
  const isAccess = (value: unknown, pattern: RegExp) =>
    value === undefined || (typeof value === 'string' && pattern.test(value));
  return isAccess(claims.token_use, /^access(?:_token)?$/) && isAccess(claims.typ, /^(?:bearer|dpop|at\+jwt)$/i)
    ? undefined
    : '"token_use" or "typ" says that it is no access token';
}

/**
 * A token that is bound to a key of its owner (RFC 8705, RFC 9449) is worth nothing without it, and one that came with a
 * proof must be bound to it.
 */
function binding({ cnf }: JsonObject, { proven = { certificate: '' } }: ExpectedAccessToken) {
  const { jkt = '', certificate } = proven;
  if (cnf === undefined) {
    return jkt === '' ? undefined : 'it came with a DPoP proof and is bound to no key';
  }
  const bound = isJsonObject(cnf) ? cnf : {};
  const known: Record<string, string> = { jkt, 'x5t#S256': certificate };
  const names = Object.keys(bound);
  const holds = (name: string) => known[name] !== undefined && known[name] !== '' && bound[name] === known[name];
  if (names.length === 0 || !names.every(holds)) {
    return `it is bound to a key ("cnf": ${printable(names.join(', '), 80)}), of which the request has no proof`;
  }
  return jkt !== '' && bound.jkt === undefined ? 'it came with a DPoP proof and is bound to no key' : undefined;
}

/** Whoever steals a token that is bound to nothing can use it. Of what it is bound to, `binding` has seen the proof. */
function boundness({ cnf }: JsonObject, { bound = 'off' }: ExpectedAccessToken) {
  const names = isJsonObject(cnf) ? Object.keys(cnf) : [];
  const wanted = wantedBy[bound];
  return bound === 'off' || names.some((name) => wanted.indexOf(name) >= 0)
    ? undefined
    : `it is not bound to a key of its owner ("cnf" with ${wanted.join(' or ')}), which $oidc_bearer_bound or $oidc_profile asks for`;
}
