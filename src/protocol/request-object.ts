import { type JsonObject, parseJsonObject } from './json';

/** For how long a request object holds: the browser brings it at once (s). */
const lifetime = 300;

/**
 * The claims of a request object (RFC 9101 section 4): the request, who signs it, for whom and for how long. Numbers and
 * JSON are such in it (OpenID Connect Core 6.1).
 * @param audience the issuer
 * @param now seconds since 1970
 */
export function requestObjectClaims(pairs: [string, string][], audience: string, jti: string, now: number): JsonObject {
  const claims: JsonObject = {};
  for (const [name, value] of pairs) {
    claims[name] = name === 'max_age' ? Number(value) : (name === 'claims' && parseJsonObject(value)) || value;
  }
  return Object.assign(claims, { iss: claims.client_id, aud: audience, jti, iat: now, nbf: now, exp: now + lifetime });
}

/** What stays outside of it: OpenID Connect Core 6.1 wants the first two, RFC 9101 section 5 the last. */
export const outside = ([name]: [string, string]) => /^(?:response_type|scope|client_id)$/.test(name);
