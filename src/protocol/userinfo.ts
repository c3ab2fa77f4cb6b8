import { oidcError } from './errors';
import { type JsonObject, parseJsonObject } from './json';
import type { VerifiedJws } from './jws';
import { printable } from './text';

/**
 * The claims of a UserInfo response that is JSON (OpenID Connect Core 5.3.2).
 * @param sub of the ID token, which the response must repeat
 * @throws userinfo_failed, userinfo_invalid
 */
export function parseUserinfo(contentType: string, text: string, sub: string): JsonObject {
  const claims = parseJsonObject(text);
  if (!claims) {
    throw oidcError(
      'userinfo_failed',
      `the UserInfo endpoint answered ${printable(contentType, 60)}, not a JSON object`,
    );
  }
  return ofPerson(claims, sub);
}

/**
 * The claims of one that is a signed JWT, which may name its issuer and whom it is for: then they must be right.
 * @throws userinfo_invalid
 */
export function signedUserinfo(
  { payload }: VerifiedJws,
  { issuer, clientId, sub }: { issuer: string; clientId: string; sub: string },
): JsonObject {
  const { iss, aud } = payload;
  if (iss !== undefined && iss !== issuer) {
    throw oidcError('userinfo_invalid', `the "iss" of the signed UserInfo is not ${issuer}`);
  }
  if (aud !== undefined && (Array.isArray(aud) ? aud : [aud]).indexOf(clientId) < 0) {
    throw oidcError('userinfo_invalid', `the "aud" of the signed UserInfo is without ${clientId} ($oidc_client)`);
  }
  return ofPerson(payload, sub);
}

function ofPerson(claims: JsonObject, sub: string): JsonObject {
  if (claims.sub !== sub) {
    throw oidcError('userinfo_invalid', 'the "sub" of UserInfo is not that of the ID token');
  }
  return claims;
}

/** What is wrong with a JWT, as an error of UserInfo; any other error stays what it is. */
export function userinfoErrorOf(error: unknown): unknown {
  const { code, detail } = error as { code?: string; detail?: string };
  return code !== undefined && code.startsWith('id_token_') ? oidcError('userinfo_invalid', String(detail)) : error;
}
