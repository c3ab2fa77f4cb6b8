import { oidcError } from './errors';
import { type JsonObject, parseJsonObject } from './json';
import { printable } from './text';

/**
 * The claims of a UserInfo response (OpenID Connect Core 5.3.2).
 * @param sub of the ID token, which the response must repeat
 * @throws userinfo_failed, userinfo_invalid
 */
export function parseUserinfo(status: number, contentType: string, text: string, sub: string): JsonObject {
  if (status !== 200) {
    throw oidcError('userinfo_failed', `the UserInfo endpoint answered ${status}`);
  }
  if (/^application\/jwt/i.test(contentType)) {
    throw oidcError(
      'userinfo_failed',
      'the UserInfo endpoint answers with a JWT, which is not supported: ask for JSON',
    );
  }
  const claims = parseJsonObject(text);
  if (!claims) {
    throw oidcError(
      'userinfo_failed',
      `the UserInfo endpoint answered ${printable(contentType, 60)}, not a JSON object`,
    );
  }
  if (claims.sub !== sub) {
    throw oidcError('userinfo_invalid', 'the "sub" of UserInfo is not that of the ID token');
  }
  return claims;
}
