import { sendJson, sendText } from '../browser/respond';
import { asOidcError, type OidcError, oidcError } from '../protocol/errors';
import type { Jws } from '../protocol/jws';
import { logoutTokenIn, type VerifiedLogoutToken } from '../protocol/logout-token';
import type { Replays } from '../session/replays';
import type { SessionIndex } from '../session/session-index';

/** Where a logout token may have come before, and whose sessions it ends. */
export interface LogoutScope {
  readonly replays: Replays;
  readonly sessionIndex: SessionIndex;
  /** Seconds since 1970. */
  readonly now: number;
  readonly clockSkew: number;
}

/**
 * Back-Channel Logout 1.0: 200 whether there were sessions or not; 400 for every failure, as section 2.8 asks. What
 * cannot be a logout token is refused before `end` looks anything up.
 */
export async function answerLogoutToken(
  r: NginxHTTPRequest,
  end: (token: Jws | string) => Promise<void>,
  log: (r: NginxHTTPRequest, error: OidcError) => void,
  referenceOf: (r: NginxHTTPRequest) => string,
): Promise<void> {
  if (r.method !== 'POST') {
    r.headersOut.Allow = 'POST';
    return sendText(r, 405, 'Method not allowed');
  }
  try {
    await end(logoutTokenIn(r.variables.content_type || '', r.requestText || ''));
    sendText(r, 200, '');
  } catch (thrown) {
    const error = asOidcError(thrown);
    log(r, error);
    sendJson(r, 400, {
      error: error.code === 'logout_invalid' ? 'invalid_request' : 'server_error',
      error_description: `the log of this site says why, under the reference ${referenceOf(r)}`,
    });
  }
}

/**
 * Ends the sessions of the `sid` that a logout token names, or, where it names a person alone, all of that person's, and
 * tells their keys. Rejects with logout_invalid for one that came before; store_failed, and it may come again
 */
export async function endByLogoutToken(scope: LogoutScope, token: VerifiedLogoutToken): Promise<string[]> {
  const { replays, now, clockSkew } = scope;
  if (!(await replays.isFirst(token.jti, token.until + clockSkew - now))) {
    throw oidcError('logout_invalid', 'back-channel logout: this logout token was used before');
  }
  try {
    return await endNamed(scope, token);
  } catch (error) {
    await replays.forget(token.jti);
    throw error;
  }
}

async function endNamed({ sessionIndex }: LogoutScope, { iss, sid, sub }: VerifiedLogoutToken): Promise<string[]> {
  if (sid !== undefined) {
    return sessionIndex.endSid(iss, sid);
  }
  return sub === undefined ? [] : sessionIndex.endSub(iss, sub);
}
