import { isOidcError, oidcError } from '../protocol/errors';

/** What the token endpoint says when only the person can help (RFC 6749 5.2, OpenID Connect Core 3.1.2.6). */
const wantsThePerson = [
  'invalid_grant',
  'interaction_required',
  'login_required',
  'consent_required',
  'account_selection_required',
];

/**
 * What a renewal that failed means to the session.
 * @returns refresh_rejected where the session is over: the provider wants to see the person again, or the new ID token
 *   does not hold. Anything else as it came: the provider, its keys, or this client's registration there are in
 *   trouble, and the session stays for when they are mended
 */
export function meaningOfFailure(error: unknown): unknown {
  if (!isOidcError(error)) {
    return error;
  }
  if (error.oauthError !== undefined && wantsThePerson.indexOf(error.oauthError) >= 0) {
    return oidcError('refresh_rejected', `the provider wants the person to sign in again: ${error.detail}`);
  }
  if (/^(id_token_|userinfo_invalid)/.test(error.code)) {
    return oidcError('refresh_rejected', `the renewed ID token was refused: ${error.code} ${error.detail}`);
  }
  return error;
}
