// location = /_codexch: back from the provider.

import { allClaims, sessionVariables } from '../nginx/claims';
import { type Context, createContext, referenceOf, type Visit } from '../nginx/context';
import { providerMetadata, verifyIdToken } from '../nginx/provider';
import { redirect, sendErrorPage } from '../nginx/respond';
import { requestTokens } from '../nginx/token-endpoint';
import {
  type AuthorizationResponse,
  checkResponseIssuer,
  parseAuthorizationResponse,
} from '../protocol/authorization-response';
import { oidcError } from '../protocol/errors';
import { stringMember } from '../protocol/json';
import { safeReturnPath } from '../protocol/return-path';
import { printable } from '../protocol/text';
import { authorizationCodeGrant } from '../protocol/token-request';
import { type Login, loginCookieName, openLogin } from '../session/login';
import { renewalTimes } from '../session/renewal-times';
import type { Session } from '../session/sessions';
import {
  attemptsCookieName,
  attemptsWindow,
  formatAttempts,
  oneMore,
  parseAttempts,
} from '../session/sign-in-attempts';

/**
 * Checks the authorization response against the login that this browser began, changes its code for tokens, verifies
 * the ID token, makes a session and sends the browser to where it wanted to go.
 */
export async function codeExchange(r: NginxHTTPRequest): Promise<void> {
  let context: Context | undefined;
  let retry = '/';
  try {
    context = createContext(r);
    if (r.method !== 'GET') {
      throw oidcError('callback_invalid', `${printable(r.method, 20)} instead of GET`);
    }
    const response = parseAuthorizationResponse(r.variables.args || '');
    const login = await takeLogin(context, response.state);
    retry = safeReturnPath(login.path);
    const session = await signIn(context, response, login);
    context.setCookie('auth_token', session.secret);
    countAttempt(context, '');
    redirect(r, retry);
  } catch (error) {
    if (context) {
      countAttempt(context, referenceOf(r));
    }
    sendErrorPage(r, error, retry);
  }
}

/** The login that `state` belongs to, whose cookie is used up by this. Throws login_expired. */
export async function takeLogin(context: Visit, state: string): Promise<Login> {
  const name = loginCookieName(state);
  const value = /^[A-Za-z0-9_-]{43}$/.test(state) ? context.cookie(name) : undefined;
  if (value === undefined) {
    throw oidcError('login_expired', 'no login of this browser has the state that came back');
  }
  context.setCookie(name, '', 0);
  const { hmac_key, login_timeout } = context.config;
  const login = await openLogin(value, state, context.realm, hmac_key, login_timeout, context.now);
  if (!login) {
    throw oidcError(
      'login_expired',
      `the login is older than $oidc_login_timeout (${login_timeout} s), or was not begun here`,
    );
  }
  return login;
}

async function signIn(context: Context, response: AuthorizationResponse, login: Login): Promise<Session> {
  const { config, now, sessions, providerSessions } = context;
  const metadata = await providerMetadata(context);
  checkResponseIssuer(response, metadata);
  if ('error' in response) {
    throw providerError(response.error, response.errorDescription || '');
  }
  const grant = authorizationCodeGrant({
    code: response.code,
    redirectUri: login.redirectUri,
    ...(login.verifier ? { codeVerifier: login.verifier } : {}),
  });
  const tokens = await requestTokens(context, metadata, '/_token', grant);
  if (tokens.idToken === undefined) {
    throw oidcError('token_response_invalid', 'no id_token: is "openid" among $oidc_scopes?');
  }
  const { accessToken } = tokens;
  const idToken = await verifyIdToken(context, metadata, tokens.idToken, { nonce: login.nonce, accessToken });
  const claims = await allClaims(context, metadata, idToken, accessToken);
  const { renewAt, expiresAt } = tokens.refreshToken
    ? renewalTimes(now, config.renew_before, tokens.expiresIn, idToken.exp)
    : { renewAt: 0, expiresAt: 0 };
  const end = now + config.session_timeout;
  const record = {
    v: sessionVariables(context, claims, end, renewAt),
    e: end,
    i: config.session_idle_timeout,
    t: now,
    r: renewAt,
    x: expiresAt,
    k: '',
  };
  const kept = { idToken: idToken.raw, accessToken, refreshToken: tokens.refreshToken || '', nonce: '' };
  retireOldSession(context);
  const session = await sessions.create(record, kept, now);
  const sid = stringMember(idToken.claims, 'sid');
  if (sid !== undefined) {
    providerSessions.link(idToken.iss, sid, session, now);
  }
  return session;
}

/** The session that this browser came with, if any, is not the one it leaves with. */
function retireOldSession(context: Context): void {
  const secret = context.cookie('auth_token');
  const old = secret ? context.sessions.find(secret, context.now) : undefined;
  if (old) {
    context.sessions.retire(old, context.now);
  }
}

/** The provider's own error as one of ours, with the remedy where there is one. */
export function providerError(error: string, description: string) {
  const said = printable(error, 100) + (description ? `: ${printable(description, 300)}` : '');
  const answer = said + remedyFor(error, description);
  return oidcError('provider_error', `the provider answered ${answer}`, { note: `The provider says: ${answer}` });
}

function remedyFor(error: string, description: string): string {
  return /invalid_scope/.test(`${error} ${description}`)
    ? '; change $oidc_scopes to the scopes that this client may ask for (Amazon Cognito: without offline_access)'
    : '';
}

/** Notes in a cookie that a sign-in came back: `error` is its reference, '' for a success. */
export function countAttempt(context: Visit, error: string): void {
  const attempts = oneMore(parseAttempts(context.cookie(attemptsCookieName), context.now), error);
  context.setCookie(attemptsCookieName, formatAttempts(attempts), attemptsWindow);
}
