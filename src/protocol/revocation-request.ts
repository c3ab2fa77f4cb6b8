/** A token to revoke, and what its request says (RFC 7009 section 2.1). */
export interface RevocableToken {
  /** For messages. */
  name: string;
  form: [string, string][];
}

/**
 * The refresh token first: many providers take the access tokens of its grant along.
 * @param alsoAccessToken also the access token, which else is good until it expires
 */
export function tokensToRevoke(
  tokens: { refreshToken: string; accessToken: string },
  alsoAccessToken: boolean,
): RevocableToken[] {
  const request = (name: string, hint: string, token: string): RevocableToken => ({
    name,
    form: [
      ['token', token],
      ['token_type_hint', hint],
    ],
  });
  const all: RevocableToken[] = [];
  if (tokens.refreshToken !== '') {
    all.push(request('refresh token', 'refresh_token', tokens.refreshToken));
  }
  if (alsoAccessToken && tokens.accessToken !== '') {
    all.push(request('access token', 'access_token', tokens.accessToken));
  }
  return all;
}
