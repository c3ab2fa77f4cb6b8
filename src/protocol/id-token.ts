import { encodeBase64url } from './base64url';
import { claimText } from './claims';
import { constantTimeEqual } from './equal';
import { oidcError } from './errors';
import type { JsonObject } from './json';
import type { VerifiedJws } from './jws';
import { printable } from './text';

declare const claimsValidated: unique symbol;
/** An ID token that holds: signature and every claim. Only `validateIdToken` makes it. */
export interface VerifiedIdToken {
  readonly raw: string;
  readonly iss: string;
  readonly sub: string;
  readonly exp: number;
  readonly claims: JsonObject;
  readonly [claimsValidated]: true;
}

/** What the claims are held against. Times in seconds. */
export interface Expected {
  /** '' where it is not known: any URL then, proved by the keys alone. */
  issuer: string;
  clientId: string;
  now: number;
  clockSkew: number;
  /** The nonce of the authorization request; required unless `previous` is given. */
  nonce?: string;
  /** The access token that came along, for `at_hash`. */
  accessToken?: string;
  /** At a renewal: what the first ID token said, as far as it is known. */
  previous?: { iss: string; sub: string; nonce?: string } | 'unknown';
}

type Clock = Pick<Expected, 'now' | 'clockSkew'>;

/** What is wrong with the claims, undefined where nothing is. */
export type Rule = (claims: JsonObject, expected: Expected) => string | undefined;

/** OpenID Connect Core 3.1.3.7, at a renewal 12.2, in the order in which they are checked. */
const rules: Rule[] = [issuer, subject, audience, authorizedParty, expiry, issuedAt, notBefore, nonce, sameAsBefore];

/** What holds for an authorization response that is a JWT, too (JARM section 2.4). */
export const responseRules: Rule[] = [issuer, audience, expiry, notBefore];

/** What holds for a logout token, too (Back-Channel Logout 1.0 section 2.6). */
export const sharedRules: Rule[] = [issuer, audience, expiry, issuedAt];

/** What holds for every token that the provider signs. */
export const sharedByAllTokens = [issuer, expiry, notBefore];

/**
 * Checks every claim of a token whose signature holds.
 * @throws id_token_invalid, naming the claim, what it is and what it should be
 */
export async function validateIdToken(jws: VerifiedJws, expected: Expected): Promise<VerifiedIdToken> {
  const claims = jws.payload;
  for (const rule of rules) {
    reject(rule(claims, expected));
  }
  reject(await accessTokenHash(jws, expected.accessToken));
  return { raw: jws.raw, iss: claims.iss, sub: claims.sub, exp: claims.exp, claims } as unknown as VerifiedIdToken;
}

function reject(problem: string | undefined): void {
  if (problem !== undefined) {
    throw oidcError('id_token_invalid', `ID token: ${problem}`);
  }
}

const shown = (value: unknown) =>
  value === undefined ? 'nothing' : `"${printable(claimText(value) ?? typeof value, 200)}"`;

function issuer(claims: JsonObject, { issuer }: Pick<Expected, 'issuer'>) {
  return claims.iss === issuer ? undefined : `"iss" is ${shown(claims.iss)}, not ${issuer} ($oidc_issuer)`;
}

function subject({ sub }: JsonObject) {
  return typeof sub === 'string' && sub !== '' && sub.length <= 255
    ? undefined
    : '"sub" is not a text of 1 to 255 characters';
}

function audience({ aud }: JsonObject, { clientId }: Expected) {
  const list = Array.isArray(aud) ? aud : [aud];
  return list.indexOf(clientId) >= 0 && list.every((entry) => typeof entry === 'string')
    ? undefined
    : `"aud" is ${shown(aud)}, without ${clientId} ($oidc_client)`;
}

function authorizedParty({ aud, azp }: JsonObject, { clientId }: Expected) {
  if (azp === undefined) {
    return Array.isArray(aud) && aud.length > 1 ? 'several "aud" and no "azp"' : undefined;
  }
  return azp === clientId ? undefined : `"azp" is ${shown(azp)}, not ${clientId} ($oidc_client)`;
}

const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 1e11;

function expiry({ exp }: JsonObject, { now, clockSkew }: Clock) {
  return isTime(exp) && exp > now - clockSkew ? undefined : `"exp" is ${shown(exp)}, and it is ${now}: ${clocks}`;
}

function issuedAt({ iat }: JsonObject, { now, clockSkew }: Expected) {
  return isTime(iat) && iat <= now + clockSkew ? undefined : `"iat" is ${shown(iat)}, and it is ${now}: ${clocks}`;
}

function notBefore({ nbf }: JsonObject, { now, clockSkew }: Clock) {
  const holds = nbf === undefined || (isTime(nbf) && nbf <= now + clockSkew);
  return holds ? undefined : `"nbf" is ${shown(nbf)}, and it is ${now}: ${clocks}`;
}

const clocks = 'expired, or the clocks differ by more than $oidc_clock_skew';

function nonce(claims: JsonObject, { nonce, previous }: Expected) {
  if (claims.nonce === undefined && nonce === undefined) {
    return previous ? undefined : 'nothing to compare "nonce" with';
  }
  if (claims.nonce === undefined) {
    return 'no "nonce", which the authorization request had: the provider must repeat it';
  }
  if (previous === 'unknown') {
    return '"nonce" is there, and the first ID token, which it must repeat, is not known any more';
  }
  const wanted = nonce === undefined ? previous?.nonce : nonce;
  return typeof claims.nonce === 'string' && wanted !== undefined && constantTimeEqual(claims.nonce, wanted)
    ? undefined
    : '"nonce" is not the one of this login';
}

function sameAsBefore({ sub, iss }: JsonObject, { previous }: Expected) {
  return !previous || previous === 'unknown' || (sub === previous.sub && iss === previous.iss)
    ? undefined
    : 'the renewed token is of another person';
}

/** at_hash, where it is there: the left half of the access token's hash (OpenID Connect Core 3.1.3.6). */
async function accessTokenHash(jws: VerifiedJws, accessToken: string | undefined): Promise<string | undefined> {
  const claim = jws.payload.at_hash;
  if (claim === undefined || accessToken === undefined) {
    return undefined;
  }
  const digest = new Uint8Array(await crypto.subtle.digest(jws.algorithm.hash, Buffer.from(accessToken)));
  const half = encodeBase64url(digest.slice(0, digest.length / 2));
  return typeof claim === 'string' && constantTimeEqual(claim, half)
    ? undefined
    : '"at_hash" does not fit the access token';
}
