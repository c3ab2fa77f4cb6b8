// location = /logout, and the provider's front-channel logout.

import { isCrossSite, isLink } from '../browser/navigation';
import { redirect, sendPage } from '../browser/respond';
import { frontChannelSid, isGuessable, providerSessionOf } from '../protocol/front-channel-logout';
import { decodeJws } from '../protocol/jws';
import { attemptsCookieName } from '../session/sign-in-attempts';
import { answerFrame } from '../steps/answer-frame';
import { endSessionUrl, logoutRedirect } from '../steps/end-session-url';
import { sendError } from './answer';
import { currentSession, endSession, sessionOfSid, unlinkSid } from './keyval-sessions';
import { createPlusVisit, type PlusVisit } from './plus-visit';
import { revokeRefreshToken } from './provider';
import { renew } from './renew';
import { plusVariables } from './variables';

/** RP-Initiated Logout: here first, then at the provider. A request that another site caused gets a page that asks. */
export async function logout(r: NginxHTTPRequest): Promise<void> {
  try {
    const visit = createPlusVisit(r);
    if (isCrossSite(r, visit.baseUrl)) {
      return sendPage(r, 200, {
        title: 'Sign out?',
        text: 'Another site sent you here. Do you want to sign out?',
        actions: [{ label: 'Sign out', href: '/logout', post: true }],
      });
    }
    const id = plusVariables(r).cookie_auth_token;
    const idToken = id ? await lastIdToken(visit, id) : undefined;
    const { refreshToken } = currentSession(r);
    if (id) {
      const sid = idToken && providerSessionOf(idToken)?.sid;
      if (sid && sessionOfSid(r, sid) === id) {
        unlinkSid(r, sid);
      }
      endSession(r, id);
    }
    visit.setSessionCookie('');
    visit.setCookie(attemptsCookieName, '', 0);
    await revokeRefreshToken(visit, refreshToken);
    const there = idToken && (await endSessionUrl(visit, visit.metadata, idToken));
    redirect(r, there || logoutRedirect(visit));
  } catch (error) {
    sendError(r, error, '/');
  }
}

/**
 * The session's ID token, which the provider wants to see. One that the zone has dropped is renewed for that, where
 * the provider is told at all; undefined for what is none.
 */
async function lastIdToken(visit: PlusVisit, id: string): Promise<string | undefined> {
  const { idToken, refreshToken } = currentSession(visit.r);
  try {
    if (idToken !== undefined) {
      decodeJws(idToken);
      return idToken;
    }
    if (refreshToken !== undefined && visit.metadata.end_session_endpoint && (await renew(visit, id))) {
      return currentSession(visit.r).idToken;
    }
  } catch (error) {
    visit.r.warn(`OIDC logout without the ID token: ${(error as { code?: string }).code || 'internal'}`);
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
    const sid = frontChannelSid(r.variables.args || '', createPlusVisit(r).metadata.issuer);
    const id = sessionOfSid(r, sid);
    const isOwn = id === plusVariables(r).cookie_auth_token && !isLink(r);
    if (id && (isOwn || !isGuessable(sid))) {
      endSession(r, id);
      unlinkSid(r, sid);
    }
  };
  return answerFrame(r, end, (_, { code, detail }) => r.warn(`OIDC ${code} ${detail}`));
}
