import { type JsonObject, parseJsonObject } from './json';

/** For how long a request object holds: the browser brings it at once (s). */
export const requestLifetime = 300;

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
  return Object.assign(claims, {
    iss: claims.client_id,
    aud: audience,
    jti,
    iat: now,
    nbf: now,
    exp: now + requestLifetime,
  });
}

/** What stays outside of it: OpenID Connect Core 6.1 wants the first two, RFC 9101 section 5 the last. */
export const outside = ([name]: [string, string]) => /^(?:response_type|scope|client_id)$/.test(name);

/**
 * What a request has beyond the usual one of its site. With `withUsual` it becomes whole again, in another order.
 * @param usual has every parameter that the site's requests have, whatever its value
 */
export function beyondUsual(pairs: [string, string][], usual: [string, string][]): [string, string][] {
  return pairs.filter(([name, value]) => usual.every((own) => own[0] !== name || own[1] !== value));
}

export function withUsual(beyond: [string, string][], usual: [string, string][]): [string, string][] {
  return beyond.concat(usual.filter(([name]) => beyond.every((own) => own[0] !== name)));
}
