/** RFC 6749 section 4.1.3, with the code verifier of RFC 7636 section 4.5. */
export function authorizationCodeGrant(request: {
  code: string;
  redirectUri: string;
  codeVerifier?: string;
}): [string, string][] {
  const pairs: [string, string][] = [
    ['grant_type', 'authorization_code'],
    ['code', request.code],
    ['redirect_uri', request.redirectUri],
  ];
  return request.codeVerifier === undefined ? pairs : pairs.concat([['code_verifier', request.codeVerifier]]);
}

/** RFC 6749 section 6; the scope stays what it was. */
export function refreshTokenGrant(refreshToken: string): [string, string][] {
  return [
    ['grant_type', 'refresh_token'],
    ['refresh_token', refreshToken],
  ];
}
