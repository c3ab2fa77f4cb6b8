// location ^~ /_codexch: back from the provider.

import { redirect, sendErrorPage } from '../browser/respond';
import { issuersOf } from '../config/issuer';
import { referenceOf } from '../nginx/reference';
import { type AuthorizationResponse, checkResponseIssuer } from '../protocol/authorization-response';
import { isOutage, oidcError } from '../protocol/errors';
import { type Identity, identityIn } from '../protocol/identity';
import { safeReturnPath } from '../protocol/return-path';
import { authorizationCodeGrant } from '../protocol/token-request';
import { providerMetadata } from '../provider/metadata';
import { requestTokens } from '../provider/token-endpoint';
import { allClaims } from '../provider/userinfo';
import { verifyIdToken } from '../provider/verify-id-token';
import type { Login } from '../session/login';
import { accessTokenEnd, renewalTimes } from '../session/renewal-times';
import { claimsBeside } from '../session/session-claims';
import type { Session } from '../session/sessions';
import { checkStepUp } from '../steps/check-step-up';
import { linkSession } from '../steps/link-session';
import { noteRefusedCallback, noteSignIn } from '../steps/note-event';
import { notePerson } from '../steps/note-person';
import { providerError } from '../steps/provider-error';
import { passOnPosted, plainResponse, receivedResponse } from '../steps/received-response';
import { sessionVariables } from '../steps/session-variables';
import { countAttempt } from '../steps/sign-in-loop';
import { refuseStrangers, takeLogin } from '../steps/take-login';
import { type Context, createContext } from '../visit/context';
import { everyContext, rememberProvider, useProvider, useProviderOfAddress } from '../visit/providers';

/**
 * Checks the authorization response against the login that this browser began, changes its code for tokens, verifies
 * the ID token, makes a session and sends the browser to where it wanted to go.
 */
export async function codeExchange(r: NginxHTTPRequest): Promise<void> {
  let context: Context | undefined;
  let retry = '/';
  try {
    if (r.method !== 'GET') {
      return await passOnPosted(r);
    }
    const query = r.variables.args || '';
    const plain = plainResponse(query);
    refuseStrangers(r, plain);
    useProviderOfAddress(r);
    context = createContext(r);
    const response = await receivedResponse(context, query, plain);
    const isSignedIn = (await sessionOfBrowser(context)) !== undefined;
    const login = await takeLogin(context, response, isSignedIn);
    if (!login) {
      return redirect(r, '/');
    }
    retry = safeReturnPath(login.path);
    const session = await signIn(context, response, login);
    context.setSessionCookie(session.secret, isKept(context, login) ? session.record.endsAt - context.now : undefined);
    rememberProvider(context);
    countAttempt(context, '');
    redirect(r, retry);
  } catch (error) {
    // A store that is away is no loop: whoever tries again in a minute must not be kept out for it.
    if (context && !isOutage(error)) {
      countAttempt(context, referenceOf(r));
    }
    noteRefusedCallback(r, error);
    sendErrorPage(r, error, retry);
  }
}

/** Whether the session outlives the browser. */
function isKept({ config }: Context, { keep }: Login): boolean {
  return config.keep_signed_in === 'always' || (config.keep_signed_in === 'ask' && keep === true);
}

async function signIn(context: Context, response: AuthorizationResponse, login: Login): Promise<Session> {
  const { config, now, sessions } = context;
  const metadata = await providerMetadata(context);
  const issuers = config.tenants.length > 0 ? issuersOf(config) : undefined;
  checkResponseIssuer(response, metadata, config.profile !== '', issuers);
  if ('error' in response) {
    throw providerError(response.error, response.errorDescription || '');
  }
  const grant = authorizationCodeGrant({
    code: response.code,
    redirectUri: login.redirectUri,
    ...(login.verifier ? { codeVerifier: login.verifier } : {}),
  });
  const { dpopKey } = login;
  const tokens = await requestTokens(context, metadata, '/_token', grant, dpopKey);
  if (tokens.idToken === undefined) {
    throw oidcError('token_response_invalid', 'no id_token: is "openid" among $oidc_scopes?');
  }
  const { accessToken } = tokens;
  const idToken = await verifyIdToken(context, metadata, tokens.idToken, { nonce: login.nonce, accessToken });
  checkStepUp(idToken, login, config.clock_skew, now);
  const claims = await allClaims(context, metadata, idToken, accessToken, dpopKey);
  const { renewAt, expiresAt } = tokens.refreshToken
    ? renewalTimes(now, config.renew_before, tokens.expiresIn, idToken.exp)
    : { renewAt: 0, expiresAt: 0 };
  const limits = isKept(context, login)
    ? { timeout: config.keep_signed_in_timeout, idleTimeout: config.keep_signed_in_idle_timeout }
    : { timeout: config.session_timeout, idleTimeout: config.session_idle_timeout };
  const end = now + limits.timeout;
  const record = {
    ...sessionVariables(context, claims, end, renewAt),
    endsAt: end,
    idleTimeout: limits.idleTimeout,
    usedAt: now,
    renewAt,
    expiresAt,
    accessTokenEndsAt: accessTokenEnd(now, tokens.expiresIn),
    tokenSet: '',
  };
  const bound = dpopKey === undefined ? {} : { dpopKey };
  const kept = {
    idToken: idToken.raw,
    besideIdToken: claimsBeside(claims, idToken.claims),
    accessToken,
    refreshToken: tokens.refreshToken || '',
    nonce: '',
    ...bound,
  };
  const replaced = await retireOldSession(context);
  const session = await sessions.create(record, kept, now);
  await linkSession(context, idToken, session);
  const identity = identityIn(idToken.claims) as Identity;
  await notePerson(context, identity);
  noteSignIn(context.r, identity, session.key, replaced, login.stepUp !== undefined);
  return session;
}

/** The session that this browser came with, if any, is not the one it leaves with, of whatever provider it is: their keys. */
async function retireOldSession(context: Context): Promise<string[]> {
  const { r, config } = context;
  const retired: string[] = [];
  for (const each of config.provider === '' ? [context] : everyContext(r)) {
    for (const secret of each.sessionSecrets) {
      const old = await each.sessions.find(secret, each.now);
      if (old) {
        await each.sessions.retire(old, each.now);
        retired.push(old.key);
      }
    }
  }
  if (config.provider !== '') {
    useProvider(r, config.provider);
  }
  return retired;
}

async function sessionOfBrowser({ sessionSecret, sessions, now }: Context): Promise<Session | undefined> {
  return sessionSecret ? sessions.find(sessionSecret, now) : undefined;
}
