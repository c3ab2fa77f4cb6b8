// location @do_oidc_flow: not signed in.

import { isFormPost, isPageNavigation } from '../browser/navigation';
import { sendErrorPage, sendJson } from '../browser/respond';
import { readSetting } from '../config/config';
import { logError } from '../nginx/log';
import { variableOf } from '../nginx/variable';
import { type ErrorCode, errorTable, oidcError } from '../protocol/errors';
import { safeReturnPath } from '../protocol/return-path';
import { providerMetadata } from '../provider/metadata';
import { answerChallenge } from '../steps/answer-challenge';
import { offerProviders } from '../steps/choose-provider';
import { sendFailedBeginning } from '../steps/dry-run-page';
import { keepForm } from '../steps/keep-form';
import { keepFragment } from '../steps/keep-fragment';
import { locationDemands } from '../steps/location-demands';
import { noteRefusedLogin } from '../steps/note-event';
import { stopLoop } from '../steps/sign-in-loop';
import { startLogin } from '../steps/start-login';
import { createContext } from '../visit/context';
import { chosenProvider, everyContext, loginAddress, providerNames } from '../visit/providers';

/**
 * A page goes to the provider's authorization endpoint, with what the location demands of a sign-in; a form that was sent
 * is kept meanwhile, or the person told that it is lost; a script gets 401, or the status of the gate's error, and a small
 * JSON body, and no cookie.
 */
export async function auth(r: NginxHTTPRequest): Promise<void> {
  const path = safeReturnPath(r.variables.request_uri || '/');
  const gateError = r.variables.oidc_gate_error;
  try {
    const challenge = r.variables.oidc_challenge;
    if (challenge) {
      return answerChallenge(r, challenge, gateError ? gateErrorOf(gateError).code : undefined);
    }
    const isForm = isFormPost(r);
    if (!isForm && !isPageNavigation(r)) {
      return answerScript(r, gateError);
    }
    const error = gateError ? gateErrorOf(gateError) : undefined;
    // Whoever is signed in is sent back at once by /_oidc_login, which a kept form or fragment would go by.
    if (error && (isForm || error.code !== 'step_up_required')) {
      throw error;
    }
    const login = loginAddress(r); // before everyContext, which chooses
    if (isForm) {
      return await keepForm(mustChoose(r) ? everyContext(r)[0] : createContext(r), login);
    }
    const isDryRun = r.variables.oidc_dry_run === '1';
    if (!error && !isDryRun && readSetting('keep_fragment', variableOf(r))) {
      return keepFragment(r, login, path);
    }
    if (mustChoose(r)) {
      return offerProviders(r, 401, path);
    }
    const demands = locationDemands(r);
    const context = createContext(r);
    stopLoop(context);
    await context.checkStore();
    // max_age is enough for a provider that keeps to the standard; not all do.
    const prompt = error && error.detail === 'auth_time' ? { prompt: 'login' as const } : {};
    const stepUp = { ...demands.stepUp, ...prompt };
    const dryRun = isDryRun ? { dryRun: r.variables.oidc_demands || '\t\t' } : {};
    await startLogin(context, await providerMetadata(context), path, { stepUp, ...dryRun });
  } catch (error) {
    if (r.variables.oidc_dry_run === '1') {
      return sendFailedBeginning(r, error);
    }
    if (!gateError) {
      noteRefusedLogin(r, error);
    }
    sendErrorPage(r, error, path);
  }
}

/** Of several providers the location asks for none: the person has not chosen yet. */
const mustChoose = (r: NginxHTTPRequest) => providerNames(r).length > 0 && !chosenProvider(r);

function answerScript(r: NginxHTTPRequest, gateError: string | undefined): void {
  if (gateError) {
    const error = gateErrorOf(gateError);
    if (error.code !== 'step_up_required') {
      logError(r, error);
    }
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
