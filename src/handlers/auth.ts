// location @do_oidc_flow: not signed in.

import { isPageNavigation } from '../nginx/browser';
import { createContext, redirectUri, type Visit } from '../nginx/context';
import { providerMetadata } from '../nginx/provider';
import { redirect, sendErrorPage, sendJson } from '../nginx/respond';
import { buildAuthorizationUrl } from '../protocol/authorization-request';
import type { ProviderMetadata } from '../protocol/discovery';
import { type ErrorCode, errorTable, oidcError } from '../protocol/errors';
import { codeChallengeS256, createCodeVerifier } from '../protocol/pkce';
import { randomToken } from '../protocol/random';
import { safeReturnPath } from '../protocol/return-path';
import { loginCookieName, loginCookiePrefix, sealLogin, superfluousLogins } from '../session/login';
import { attemptsCookieName, isLoop, parseAttempts } from '../session/sign-in-attempts';

/** A page goes to the provider's authorization endpoint; a script gets 401 and a small JSON body, and no cookie. */
export async function auth(r: NginxHTTPRequest): Promise<void> {
  const path = safeReturnPath(r.variables.request_uri || '/');
  try {
    const gateError = r.variables.oidc_gate_error;
    if (!isPageNavigation(r)) {
      return answerScript(r, gateError);
    }
    if (gateError) {
      throw gateErrorOf(gateError);
    }
    const context = createContext(r);
    stopLoop(context);
    await startLogin(context, await providerMetadata(context), path);
  } catch (error) {
    sendErrorPage(r, error, path);
  }
}

/** Sends the browser to the provider, with a login cookie that remembers `path`. */
export async function startLogin(context: Visit, metadata: ProviderMetadata, path: string): Promise<void> {
  redirect(context.r, await newLogin(context, metadata.authorization_endpoint, metadata, path));
}

/** Begins a login: its cookie, and the authorization request for `endpoint`. */
export async function newLogin(
  context: Visit,
  endpoint: string,
  metadata: ProviderMetadata,
  path: string,
): Promise<string> {
  const { config } = context;
  const state = randomToken(32);
  const nonce = randomToken(32);
  const verifier = config.pkce_enable ? createCodeVerifier() : '';
  const login = { nonce, verifier, path, redirectUri: redirectUri(context), began: context.now };
  const target = buildAuthorizationUrl({
    endpoint,
    clientId: config.client,
    redirectUri: login.redirectUri,
    scope: scopeFor(config.scopes, metadata),
    state,
    nonce,
    ...(verifier ? { codeChallenge: await codeChallengeS256(verifier) } : {}),
    extraArgs: config.authz_extra_args,
  });
  for (const name of superfluousLogins(openLogins(context))) {
    context.setCookie(name, '', 0);
  }
  const sealed = await sealLogin(login, state, context.realm, config.hmac_key);
  context.setCookie(loginCookieName(state), sealed, config.login_timeout);
  return target;
}

/** Providers that list their scopes without offline_access refuse it, and give refresh tokens without it. */
function scopeFor(scopes: string[], metadata: ProviderMetadata): string {
  const supported = metadata.scopes_supported;
  const refused = (scope: string) => scope === 'offline_access' && supported && supported.indexOf(scope) < 0;
  const asked = scopes.filter((scope) => !refused(scope));
  return (asked.indexOf('openid') < 0 ? ['openid'].concat(asked) : asked).join(' ');
}

function openLogins(context: Visit): { name: string; value: string }[] {
  const prefix = context.secure ? '__Host-' : '';
  return context.cookies
    .filter((cookie) => cookie.name.startsWith(prefix + loginCookiePrefix))
    .map((cookie) => ({ name: cookie.name.slice(prefix.length), value: cookie.value }));
}

/** Throws login_loop for a browser that came back from the provider again and again. */
export function stopLoop(context: Visit): void {
  const attempts = parseAttempts(context.cookie(attemptsCookieName), context.now);
  if (!isLoop(attempts)) {
    return;
  }
  const cause = attempts.lastError
    ? `the last error has the reference ${attempts.lastError}`
    : 'each sign-in succeeded, but the browser did not send the session cookie back: is it blocked, or the site reached under another address than $oidc_base_url?';
  throw Object.assign(oidcError('login_loop', `${attempts.count} sign-ins in a minute: ${cause}`), {
    note: attempts.lastError
      ? `The reference of the last error is ${attempts.lastError}.`
      : 'Each sign-in succeeded, but the browser did not keep the session. Are cookies blocked for this site?',
  });
}

function answerScript(r: NginxHTTPRequest, gateError: string | undefined): void {
  if (gateError) {
    const error = gateErrorOf(gateError);
    r.error(`oidc: ${error.code} ${error.detail}`);
    return sendJson(r, errorTable[error.code].status, { error: error.code });
  }
  sendJson(r, 401, { error: 'login_required' });
}

function gateErrorOf(text: string) {
  const at = text.indexOf(' ');
  const code = text.slice(0, at) as ErrorCode;
  return oidcError(errorTable[code] ? code : 'internal', text.slice(at + 1));
}
