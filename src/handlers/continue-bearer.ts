// location @continue_bearer: what the gate does not know of an access token, found out within the request of the program
// that sent it, which alone knows the provider. What was found is kept, so that its next request passes at the gate.

import { gateCookies } from '../browser/gate-cookies';
import { readSetting } from '../config/config';
import { allow, fail, type Variables } from '../nginx/gate';
import { logError } from '../nginx/log';
import { isBearer } from '../protocol/bearer-scheme';
import { bearerToken, hasTokenInQuery, isDpop } from '../protocol/bearer-token';
import { asOidcError, oidcError } from '../protocol/errors';
import { siteOf } from '../session/session-id';
import { challengeOf } from '../steps/answer-challenge';
import { locationSettings } from '../steps/asked-of-token';
import { noteRefusedToken, noteToken } from '../steps/note-event';
import { currentNonce, proveToken } from '../steps/prove-token';
import { sessionVariables } from '../steps/session-variables';
import { verifyBearer } from '../steps/verify-bearer';
import { keptTokens } from '../store/kept-tokens';
import { encodeVerdict, verdictEntry } from '../store/token-verdict';
import { createSiteContext, readSessionCookie } from '../visit/context';
import { checkGate, continueSession } from './continue-session';

type Settings = (name: string) => string | undefined;

/** 204 and the location's variables; else 401 with a challenge, and the error where there is one, for @do_oidc_flow. */
export async function continueBearer(r: NginxHTTPRequest): Promise<void> {
  const answered = r.variables.upstream_status;
  if (!answered) {
    return r.return(404, ''); // nobody asked the gate: somebody from outside asks for /_oidc_bearer
  }
  const authorization = r.variables.http_authorization || '';
  let settings: Settings = () => undefined;
  try {
    settings = locationSettings(r);
    if (!isBearer(authorization)) {
      return await continueWithoutToken(r, settings);
    }
    checkGate(answered, r.variables.oidc_asked || '');
    const token = bearerToken(authorization);
    const variables = await variablesOf(r, settings, authorization, token);
    const { others } = gateCookies(r.variables.http_cookie || '', readSessionCookie(settings));
    variables.push('oidc_app_cookies', others, 'access_token', token);
    noteToken();
    allow(r, variables);
  } catch (thrown) {
    const error = asOidcError(thrown);
    logError(r, error);
    noteRefusedToken(r, error);
    r.variables.oidc_challenge = challengeOf(settings, error.code, isDpop(authorization));
    if (error.code === 'dpop_nonce_required') {
      r.variables.oidc_dpop_nonce = currentNonce(readSetting('hmac_key', settings));
    }
    fail(r, error);
  }
}

function continueWithoutToken(r: NginxHTTPRequest, settings: Settings): void | Promise<void> {
  if (r.uri === '/_oidc_either') {
    r.variables.oidc_script_challenge = challengeOf(settings);
    return continueSession(r);
  }
  if (hasTokenInQuery(r.variables.request_uri || '')) {
    throw oidcError('bearer_request_invalid', 'an access token in the address is refused: logs would show it');
  }
  r.variables.oidc_challenge = challengeOf(settings);
  r.return(401, '');
}

/** What is kept of the token, where the gate could not say it, or what a verification brings. */
async function variablesOf(
  r: NginxHTTPRequest,
  settings: Settings,
  authorization: string,
  token: string,
): Promise<Variables> {
  const context = createSiteContext(r, settings);
  const tokens = keptTokens();
  const site = siteOf(context.realm, context.config.hmac_key);
  const entry = verdictEntry(authorization, site, r.variables.oidc_asked || '');
  const kept = linesOf(tokens.get(entry));
  if (kept) {
    return kept;
  }
  const { proven, spend } = await proveToken(context, tokens, token, isDpop(authorization));
  const { token: verified, until } = await verifyBearer(context, tokens, token, site, proven);
  await spend();
  const { variables, wants } = sessionVariables(context, verified.claims, verified.exp || 0, 0);
  const text = encodeVerdict(until, wants, variables);
  if (verified.claims.cnf === undefined) {
    tokens.keep(entry, text, until - Date.now() / 1000, 'good'); // else each request has to prove it
  }
  return text.split('\n').slice(1);
}

/** The variables of a verdict that still holds. */
function linesOf(text: string | undefined): Variables | undefined {
  const lines = text === undefined ? [] : text.split('\n');
  return Date.now() / 1000 < Number((lines.shift() || '').split(' ')[0]) ? lines : undefined;
}
