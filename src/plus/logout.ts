// location = /logout, and the provider's front-channel logout.

import { isLink } from '../browser/navigation';
import { redirect } from '../browser/respond';
import { asOidcError, oidcError } from '../protocol/errors';
import { frontChannelSid, isGuessable } from '../protocol/front-channel-logout';
import { type Identity, identityOf } from '../protocol/identity';
import { decodeJws } from '../protocol/jws';
import { attemptsCookieName } from '../session/sign-in-attempts';
import { answerFrame } from '../steps/answer-frame';
import { endSessionUrl, logoutRedirect } from '../steps/end-session-url';
import { askedFirst, wantsEverywhere } from '../steps/sign-out-page';
import { sendError } from './answer';
import { currentSession, endSession, type KeyvalSession, sessionOfSid, unlinkSid } from './keyval-sessions';
import { logWarning } from './log';
import { createPlusVisit, type PlusVisit } from './plus-visit';
import { revokeTokens } from './provider';
import { renew } from './renew';
import { plusSessionIndex, sidStore, unlinkSession } from './session-index';
import { pathToSignInAt } from './sign-in-again';
import { plusVariables } from './variables';

/** RP-Initiated Logout: here first, then at the provider. A request that another site caused gets a page that asks. */
export async function logout(r: NginxHTTPRequest): Promise<void> {
  try {
    const visit = createPlusVisit(r);
    if (askedFirst(r, visit.baseUrl)) {
      return;
    }
    const again = pathToSignInAt(r.variables.args || '');
    const { idToken, refreshToken = '', accessToken = '' } = await endHere(visit, again === undefined);
    if (again !== undefined) {
      return redirect(r, again);
    }
    visit.setCookie(attemptsCookieName, '', 0);
    if (wantsEverywhere(r)) {
      await endEverywhere(visit, idToken && identityOf(idToken));
    }
    await revokeTokens(visit, { refreshToken, accessToken });
    const there = idToken && (await endSessionUrl(visit, visit.metadata, idToken));
    redirect(r, there || logoutRedirect(visit));
  } catch (error) {
    sendError(r, error, '/');
  }
}

/**
 * Ends the session of the request's cookie, and the cookie.
 * @param renewing whether an ID token that the zone has dropped is worth a renewal: the provider is told of the end
 * @returns the session as it was in the end, without an ID token that is none
 */
async function endHere(visit: PlusVisit, renewing: boolean): Promise<KeyvalSession> {
  const { r } = visit;
  const id = plusVariables(r).cookie_auth_token;
  const idToken = id ? await lastIdToken(visit, id, renewing) : undefined;
  const { accessToken, refreshToken } = currentSession(r);
  if (id) {
    const who = idToken && identityOf(idToken);
    if (who) {
      await forget(visit, who, id);
    }
    endSession(r, id);
  }
  visit.setSessionCookie('');
  return {
    ...(idToken ? { idToken } : {}),
    ...(accessToken ? { accessToken } : {}),
    ...(refreshToken ? { refreshToken } : {}),
  };
}

async function forget(visit: PlusVisit, who: Identity, id: string): Promise<void> {
  const { r } = visit;
  if (who.sid !== undefined && sessionOfSid(r, who.sid) === id) {
    unlinkSid(r, who.sid);
  }
  await unlinkSession(visit, who, id);
}

/** Throws logout_incomplete: whoever asked for this must not believe that it was done. */
async function endEverywhere(visit: PlusVisit, who: Identity | undefined | ''): Promise<void> {
  const store = sidStore(visit.r);
  if (!who || !store) {
    throw oidcError('logout_incomplete', 'nobody was signed in here, or $idp_sid and its keyval zone are missing');
  }
  await plusSessionIndex(visit, store).endSub(who.iss, who.sub);
}

async function lastIdToken(visit: PlusVisit, id: string, renewing: boolean): Promise<string | undefined> {
  const { idToken, refreshToken } = currentSession(visit.r);
  try {
    if (idToken !== undefined) {
      decodeJws(idToken);
      return idToken;
    }
    if (renewing && refreshToken && visit.metadata.end_session_endpoint && (await renew(visit, id))) {
      return currentSession(visit.r).idToken;
    }
  } catch (error) {
    logWarning(visit.r, asOidcError(error));
  }
  return undefined;
}

/**
 * Front-Channel Logout 1.0: the provider names its session in `sid`. 200 also when nothing is known of it; 400 without
 * a `sid`, or with another issuer's `iss`, which may be missing. A `sid` that could be guessed ends only the session
 * whose cookie comes along.
 */
export function handleFrontChannelLogout(r: NginxHTTPRequest): Promise<void> {
  const end = () => {
    const sid = frontChannelSid(r.variables.args || '', [createPlusVisit(r).metadata.issuer]);
    const id = sessionOfSid(r, sid);
    const isOwn = id === plusVariables(r).cookie_auth_token && !isLink(r);
    if (id && (isOwn || !isGuessable(sid))) {
      endSession(r, id);
      unlinkSid(r, sid);
    }
  };
  return answerFrame(r, end, logWarning);
}
