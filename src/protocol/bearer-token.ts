import { oidcError } from './errors';

/**
 * The token of an Authorization header of the Bearer scheme (RFC 6750 section 2.1), or of DPoP (RFC 9449 section 7.1).
 * @throws bearer_request_invalid for anything but one token: none, several, or characters that no token may have
 */
export function bearerToken(authorization: string): string {
  const token = /^(?:bearer|dpop) +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization)?.[1];
  if (token === undefined) {
    throw oidcError('bearer_request_invalid', 'the Authorization header is not "Bearer" and one token');
  }
  return token;
}

/** Whether the token came as one that is bound to a key. */
export const isDpop = (authorization: string) => /^dpop /i.test(authorization);

/** Whether an address has a token in its query, where every log would show it (RFC 6750 section 5.3); it never counts. */
export function hasTokenInQuery(address: string): boolean {
  return /\?(?:.*&)?access_token=/.test(address);
}
