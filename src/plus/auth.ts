// location @do_oidc_flow: auth_jwt refused the request.

import { isPageNavigation } from '../browser/navigation';
import { sendJson } from '../browser/respond';
import { sleep } from '../nginx/timers';
import { oidcError } from '../protocol/errors';
import { decodeJws } from '../protocol/jws';
import { safeReturnPath } from '../protocol/return-path';
import { stopLoop } from '../steps/sign-in-loop';
import { startLogin } from '../steps/start-login';
import { retryOriginalRequest, sendError } from './answer';
import { currentSession } from './keyval-sessions';
import { createPlusVisit, type PlusVisit } from './plus-visit';
import { renew } from './renew';
import { signInAgain } from './sign-in-again';
import { plusVariables } from './variables';

/**
 * A session that another node just made is waited for; one whose ID token has ended is renewed; for the rest a page
 * goes to the provider, and a script gets 401.
 */
export async function auth(r: NginxHTTPRequest): Promise<void> {
  const path = safeReturnPath(r.variables.request_uri || '/');
  delete r.headersOut['WWW-Authenticate']; // of the auth_jwt that refused before
  try {
    const visit = createPlusVisit(r);
    const id = plusVariables(r).cookie_auth_token;
    if (id && ((await hasArrived(r)) || (await hasBeenRenewed(visit, id)))) {
      return retryOriginalRequest(r);
    }
    if (!isPageNavigation(r)) {
      return sendJson(r, 401, { error: 'login_required', sign_in: '/_oidc_login' });
    }
    stopLoop(visit);
    await startLogin(visit, visit.metadata, path);
  } catch (error) {
    sendError(r, error, path, currentSession(r).refreshToken === undefined ? [] : [signInAgain(path)]);
  }
}

/** Whether a session that was not there has come from another node, within `$zone_sync_leeway` ms. */
async function hasArrived(r: NginxHTTPRequest): Promise<boolean> {
  const leeway = Number(plusVariables(r).zone_sync_leeway) || 0;
  const v = plusVariables(r);
  if (v.session_jwt || v.refresh_token || leeway <= 0) {
    return false; // it is here: to renew, or "-" for signed out
  }
  for (const deadline = Date.now() + leeway; Date.now() < deadline; ) {
    await sleep(100);
    if (v.session_jwt) {
      return currentSession(r).idToken !== undefined;
    }
  }
  return false;
}

async function hasBeenRenewed(visit: PlusVisit, id: string): Promise<boolean> {
  const { idToken, refreshToken } = currentSession(visit.r);
  if (idToken !== undefined && !hasEnded(idToken, visit.now)) {
    // A new sign-in would bring the same token: round and round.
    throw oidcError(
      'id_token_invalid',
      'auth_jwt refuses an ID token that has not expired: does auth_jwt_key_file or auth_jwt_key_request name this provider, or does an auth_jwt_require fail? Give the latter error=403',
    );
  }
  return refreshToken !== undefined && renew(visit, id);
}

function hasEnded(idToken: string, now: number): boolean {
  const { exp } = decodeJws(idToken).payload;
  return !(typeof exp === 'number' && exp > now);
}
