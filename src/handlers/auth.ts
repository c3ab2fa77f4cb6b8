// location @do_oidc_flow: not signed in.

import { isPageNavigation } from '../browser/navigation';
import { sendErrorPage, sendJson } from '../browser/respond';
import { logError } from '../nginx/log';
import { type ErrorCode, errorTable, oidcError } from '../protocol/errors';
import { safeReturnPath } from '../protocol/return-path';
import { providerMetadata } from '../provider/metadata';
import { answerChallenge } from '../steps/answer-challenge';
import { offerProviders } from '../steps/choose-provider';
import { stopLoop } from '../steps/sign-in-loop';
import { startLogin } from '../steps/start-login';
import { createContext } from '../visit/context';
import { providerNames } from '../visit/providers';

/** A page goes to the provider's authorization endpoint; a script gets 401 and a small JSON body, and no cookie. */
export async function auth(r: NginxHTTPRequest): Promise<void> {
  const path = safeReturnPath(r.variables.request_uri || '/');
  try {
    const gateError = r.variables.oidc_gate_error;
    const challenge = r.variables.oidc_challenge;
    if (challenge) {
      return answerChallenge(r, challenge, gateError ? gateErrorOf(gateError).code : undefined);
    }
    if (!isPageNavigation(r)) {
      return answerScript(r, gateError);
    }
    if (gateError) {
      throw gateErrorOf(gateError);
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
function mustChoose(r: NginxHTTPRequest): boolean {
  const names = providerNames(r);
  return names.length > 0 && names.indexOf(r.variables.oidc_provider || '') < 0;
}

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
  sendJson(r, 401, { error: 'login_required' });
}

function gateErrorOf(text: string) {
  const at = text.indexOf(' ');
  const code = text.slice(0, at) as ErrorCode;
  return oidcError(errorTable[code] ? code : 'internal', text.slice(at + 1));
}
