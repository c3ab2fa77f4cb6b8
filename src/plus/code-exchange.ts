// location = /_codexch: back from the provider.

import { redirect } from '../browser/respond';
import {
  type AuthorizationResponse,
  checkResponseIssuer,
  parseAuthorizationResponse,
} from '../protocol/authorization-response';
import { oidcError } from '../protocol/errors';
import { stringMember } from '../protocol/json';
import { randomToken } from '../protocol/random';
import { safeReturnPath } from '../protocol/return-path';
import { authorizationCodeGrant } from '../protocol/token-request';
import type { Login } from '../session/login';
import { providerError } from '../steps/provider-error';
import { countAttempt } from '../steps/sign-in-loop';
import { takeLogin } from '../steps/take-login';
import { sendError } from './answer';
import { currentSession, endSession, keepSession } from './keyval-sessions';
import { createPlusVisit, type PlusVisit } from './plus-visit';
import { requestTokens, verifyIdToken } from './provider';
import { linkSession } from './session-index';
import { plusVariables } from './variables';

/** As on open-source NGINX, but the session goes into the keyval zones, where auth_jwt finds its ID token. */
export async function codeExchange(r: NginxHTTPRequest): Promise<void> {
  let visit: PlusVisit | undefined;
  let retry = '/';
  try {
    visit = createPlusVisit(r);
    const response = parseAuthorizationResponse(r.variables.args || '');
    const login = await takeLogin(visit, response, hasSession(r));
    if (!login) {
      return redirect(r, '/');
    }
    retry = safeReturnPath(login.path);
    const id = await signIn(visit, response, login);
    visit.setSessionCookie(id);
    countAttempt(visit, '');
    redirect(r, retry);
  } catch (error) {
    if (visit) {
      countAttempt(visit, plusVariables(r).request_id.slice(0, 8));
    }
    sendError(r, error, retry);
  }
}

async function signIn(visit: PlusVisit, response: AuthorizationResponse, login: Login): Promise<string> {
  const { r } = visit;
  checkResponseIssuer(response, visit.metadata);
  if ('error' in response) {
    throw providerError(response.error, response.errorDescription || '');
  }
  const grant = authorizationCodeGrant({
    code: response.code,
    redirectUri: login.redirectUri,
    ...(login.verifier ? { codeVerifier: login.verifier } : {}),
  });
  const { idToken: sent, accessToken, refreshToken } = await requestTokens(visit, '/_token', grant);
  if (sent === undefined) {
    throw oidcError('token_response_invalid', 'no id_token: is "openid" among $oidc_scopes?');
  }
  const { raw: idToken, iss, sub, claims } = await verifyIdToken(visit, sent, { nonce: login.nonce, accessToken });
  endOldSession(r);
  const id = randomToken(32);
  const session = refreshToken === undefined ? { idToken, accessToken } : { idToken, accessToken, refreshToken };
  const sid = stringMember(claims, 'sid');
  keepSession(r, id, session, { iss, sub, nonce: login.nonce }, sid);
  await linkSession(visit, sid === undefined ? { iss, sub } : { iss, sub, sid }, id);
  r.log('OIDC success, creating session');
  return id;
}

/** The session that this browser came with, if any, is not the one it leaves with. */
function endOldSession(r: NginxHTTPRequest): void {
  const old = plusVariables(r).cookie_auth_token;
  if (old && hasSession(r)) {
    endSession(r, old);
  }
}

/** Whether this browser came with a session, or with one that can be renewed. */
function hasSession(r: NginxHTTPRequest): boolean {
  const { idToken, refreshToken } = currentSession(r);
  return idToken !== undefined || refreshToken !== undefined;
}
