// location @do_oidc_flow: not signed in.

import { isFormPost, isPageNavigation } from '../browser/navigation';
import { sendErrorPage, sendJson } from '../browser/respond';
import { readSetting } from '../config/config';
import { logError } from '../nginx/log';
import { type ErrorCode, errorTable, oidcError } from '../protocol/errors';
import { safeReturnPath } from '../protocol/return-path';
import { providerMetadata } from '../provider/metadata';
import { answerChallenge } from '../steps/answer-challenge';
import { offerProviders } from '../steps/choose-provider';
import { keepForm } from '../steps/keep-form';
import { keepFragment } from '../steps/keep-fragment';
import { stopLoop } from '../steps/sign-in-loop';
import { startLogin } from '../steps/start-login';
import { createContext } from '../visit/context';
import { chosenProvider, everyContext, loginAddress, providerNames } from '../visit/providers';

/**
 * A page goes to the provider's authorization endpoint; a form that was sent is kept meanwhile, or the person told that it
 * is lost; a script gets 401 and a small JSON body, and no cookie.
 */
export async function auth(r: NginxHTTPRequest): Promise<void> {
  const path = safeReturnPath(r.variables.request_uri || '/');
  try {
    const gateError = r.variables.oidc_gate_error;
    const challenge = r.variables.oidc_challenge;
    if (challenge) {
      return answerChallenge(r, challenge, gateError ? gateErrorOf(gateError).code : undefined);
    }
    const isForm = isFormPost(r);
    if (!isForm && !isPageNavigation(r)) {
      return answerScript(r, gateError);
    }
    if (gateError) {
      throw gateErrorOf(gateError);
    }
    const login = loginAddress(r); // before everyContext, which chooses
    if (isForm) {
      return await keepForm(mustChoose(r) ? everyContext(r)[0] : createContext(r), login);
    }
    if (readSetting('keep_fragment', (name) => r.variables[name])) {
      return keepFragment(r, login, path);
    }
    if (mustChoose(r)) {
      return offerProviders(r, 401, path);
    }
    const context = createContext(r);
    stopLoop(context);
    await context.checkStore();
    await startLogin(context, await providerMetadata(context), path);
  } catch (error) {
    sendErrorPage(r, error, path);
  }
}

/** Of several providers the location asks for none: the person has not chosen yet. */
const mustChoose = (r: NginxHTTPRequest) => providerNames(r).length > 0 && !chosenProvider(r);

function answerScript(r: NginxHTTPRequest, gateError: string | undefined): void {
  if (gateError) {
    const error = gateErrorOf(gateError);
    logError(r, error);
    return sendJson(r, errorTable[error.code].status, { error: error.code });
  }
  const challenge = r.variables.oidc_script_challenge;
  if (challenge) {
    r.headersOut['WWW-Authenticate'] = challenge;
  }
  sendJson(r, 401, { error: 'login_required', sign_in: loginAddress(r) });
}

function gateErrorOf(text: string) {
  const at = text.indexOf(' ');
  const code = text.slice(0, at) as ErrorCode;
  return oidcError(errorTable[code] ? code : 'internal', text.slice(at + 1));
}
