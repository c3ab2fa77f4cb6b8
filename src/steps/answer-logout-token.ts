import { sendJson, sendText } from '../browser/respond';
import { asOidcError, type OidcError, oidcError } from '../protocol/errors';
import type { Jws } from '../protocol/jws';
import { logoutTokenIn, type VerifiedLogoutToken } from '../protocol/logout-token';
import { forgetReplay, isFirst } from '../session/replays';
import type { SessionIndex } from '../session/session-index';
import type { Store } from '../store/store';

/** Where a logout token may have come before, and whose sessions it ends. */
export interface LogoutScope {
  readonly store: Store;
  readonly realm: string;
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
 * Ends the sessions of the `sid` that a logout token names, or, where it names a person alone, all of that person's.
 * @throws logout_invalid for one that came before; store_failed, and it may come again
 */
export function endByLogoutToken(scope: LogoutScope, token: VerifiedLogoutToken): void {
  const { store, realm, now, clockSkew } = scope;
  if (!isFirst(store, token.jti, realm, token.until + clockSkew - now)) {
    throw oidcError('logout_invalid', 'back-channel logout: this logout token was used before');
  }
  try {
    endNamed(scope, token);
  } catch (error) {
    forgetReplay(store, token.jti, realm);
    throw error;
  }
}

function endNamed({ sessionIndex }: LogoutScope, { iss, sid, sub }: VerifiedLogoutToken): void {
  if (sid !== undefined) {
    sessionIndex.endSid(iss, sid);
  } else if (sub !== undefined) {
    sessionIndex.endSub(iss, sub);
  }
}
