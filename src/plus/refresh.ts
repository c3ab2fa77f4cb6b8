import { sleep } from '../nginx/timers';
import { asOidcError, type OidcError, oidcError } from '../protocol/errors';
import { stringMember } from '../protocol/json';
import { decodeJws } from '../protocol/jws';
import { refreshTokenGrant } from '../protocol/token-request';
import { meaningOfFailure } from '../steps/failed-renewal';
import {
  currentSession,
  endSession,
  type FirstIdToken,
  firstIdToken,
  hasChanged,
  type KeyvalSession,
  keepSession,
  writeSession,
} from './keyval-sessions';
import { logError, logWarning } from './log';
import type { PlusVisit } from './plus-visit';
import { requestTokens, verifyIdToken } from './provider';
import { linkSession } from './session-index';
import { plusVariables } from './variables';

const isThere = ({ r }: PlusVisit) => currentSession(r).idToken !== undefined;

/** How often somebody who waits looks again (ms). */
const glance = 100;

/**
 * One token request with the refresh token, by whoever has the session's lock.
 * @returns whether there is a session now; false when a new sign-in is needed
 * @throws when the provider, or this client's registration there, is in trouble: the refresh token stays
 */
export async function refresh(visit: PlusVisit, id: string, before: KeyvalSession): Promise<boolean> {
  if (hasChanged(visit.r, before)) {
    return isThere(visit);
  }
  let refreshToken = before.refreshToken as string;
  try {
    const answer = await requestTokens(visit, '/_refresh', refreshTokenGrant(refreshToken));
    refreshToken = answer.refreshToken || refreshToken;
    const { idToken, accessToken } = answer;
    if (idToken === undefined) {
      return endWithoutIdToken(visit, id);
    }
    const first = firstIdTokenOf(visit, id, before);
    const { raw, iss, sub, claims } = await verifyIdToken(visit, idToken, {
      accessToken,
      previous: first || 'unknown',
    });
    if (hasChanged(visit.r, before)) {
      return isThere(visit); // somebody signed out meanwhile
    }
    const sid = stringMember(claims, 'sid');
    keepSession(visit.r, id, { idToken: raw, accessToken, refreshToken }, first || { iss, sub }, sid);
    await linkSession(visit, sid === undefined ? { iss, sub } : { iss, sub, sid }, id);
    return true;
  } catch (thrown) {
    const error = asOidcError(meaningOfFailure(thrown));
    if (error.code === 'refresh_rejected') {
      return afterRejection(visit, id, before, error);
    }
    if (refreshToken !== before.refreshToken && !hasChanged(visit.r, before)) {
      writeSession(visit.r, id, { ...before, refreshToken }); // the old one is used up
    }
    throw error;
  }
}

/** The tokens were renewed, and yet nothing can be shown to auth_jwt (OpenID Connect Core 12.2 allows the omission). */
function endWithoutIdToken(visit: PlusVisit, id: string): boolean {
  const detail =
    'the provider renews without an ID token, and auth_jwt admits nobody without one: people sign in again whenever it ends. Have the provider put one in that answer, or use the files for open-source NGINX';
  logError(visit.r, oidcError('refresh_rejected', detail));
  endSession(visit.r, id);
  return false;
}

/** Another node may have used the refresh token first: its tokens arrive within the delay of zone_sync. */
async function afterRejection(visit: PlusVisit, id: string, before: KeyvalSession, error: OidcError): Promise<boolean> {
  const leeway = Number(plusVariables(visit.r).zone_sync_leeway) || 0;
  for (const deadline = Date.now() + leeway; Date.now() < deadline && !hasChanged(visit.r, before); ) {
    await sleep(glance);
  }
  if (hasChanged(visit.r, before)) {
    return isThere(visit);
  }
  logWarning(visit.r, error);
  endSession(visit.r, id);
  return false;
}

/** undefined where nothing is known of it: begun under the original's script, and the zone has dropped the token. */
function firstIdTokenOf({ r }: PlusVisit, id: string, { idToken }: KeyvalSession): FirstIdToken | undefined {
  const first = firstIdToken(r, id);
  if (first || idToken === undefined) {
    return first;
  }
  const { payload } = decodeJws(idToken); // verified when it was stored
  const nonce = stringMember(payload, 'nonce');
  const known = { iss: String(payload.iss), sub: String(payload.sub) };
  return nonce === undefined ? known : { ...known, nonce };
}
