import { oidcError } from './errors';
import { type JsonObject, parseJsonObject, stringMember } from './json';
import { printable } from './text';

/** A successful token response (RFC 6749 section 5.1, OpenID Connect Core 3.1.3.3). */
export interface TokenResponse {
  accessToken: string;
  idToken?: string;
  refreshToken?: string;
  /** Lifetime of the access token, seconds. */
  expiresIn?: number;
}

/**
 * Reads the token endpoint's answer.
 * @param type what the tokens must be: bound to a key, or not
 * @throws token_request_failed with `oauthError` when the provider refuses; provider_unreachable when it is in
 *   trouble itself; token_response_invalid for anything that is not a token response
 */
export function parseTokenResponse(
  status: number,
  contentType: string,
  text: string,
  type: 'Bearer' | 'DPoP' = 'Bearer',
): TokenResponse {
  if (status >= 500 || status === 429) {
    throw oidcError('provider_unreachable', `the token endpoint answered ${status}`);
  }
  const body = parseJsonObject(text);
  const error = body && stringMember(body, 'error');
  if (error) {
    const description = printable(stringMember(body, 'error_description') || '', 300);
    const detail =
      `the token endpoint answered ${status} ${printable(error, 100)} ${description}`.trim() + hintOf(error);
    throw oidcError('token_request_failed', detail, { oauthError: error });
  }
  if (status !== 200 || !body) {
    const kind = printable(contentType, 60) || 'no content type';
    throw oidcError(
      'token_response_invalid',
      `the token endpoint answered ${status}, ${kind}, not the JSON of a token response`,
    );
  }
  return tokens(body, type);
}

function tokens(body: JsonObject, type: string): TokenResponse {
  const accessToken = stringMember(body, 'access_token');
  const said = stringMember(body, 'token_type') || '';
  if (!accessToken || said.toLowerCase() !== type.toLowerCase()) {
    const remedy = type === 'DPoP' ? ': turn DPoP on for this client at the provider, or $oidc_dpop off' : '';
    throw oidcError(
      'token_response_invalid',
      `no "access_token", or a "token_type" (${printable(said, 20)}) that is not ${type}${remedy}`,
    );
  }
  const response: TokenResponse = { accessToken };
  const idToken = stringMember(body, 'id_token');
  const refreshToken = stringMember(body, 'refresh_token');
  if (!/^[\x20-\x7e]+$/.test(accessToken + (refreshToken || ''))) {
    throw oidcError('token_response_invalid', 'a token with characters that no token may have (RFC 6749 appendix A)');
  }
  const expiresIn = typeof body.expires_in === 'object' ? 0 : Number(body.expires_in);
  if (idToken !== undefined) {
    response.idToken = idToken;
  }
  if (refreshToken !== undefined) {
    response.refreshToken = refreshToken;
  }
  if (expiresIn > 0 && expiresIn < 1e9) {
    response.expiresIn = Math.floor(expiresIn);
  }
  return response;
}

/** What to look at, where an error of the provider means this client. */
export function hintOf(error: string): string {
  if (error === 'invalid_client' || error === 'unauthorized_client') {
    return (
      ': check $oidc_client, $oidc_client_secret or $oidc_client_keyfile, and $oidc_client_auth_method (where the secret has ' +
      'characters such as "+" or a space: client_secret_post, or client_secret_basic_unencoded)'
    );
  }
  return error === 'invalid_grant'
    ? ': the code or token was used already, has expired, or is for another redirect URI'
    : '';
}
