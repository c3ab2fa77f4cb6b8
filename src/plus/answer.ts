import type { Page } from '../browser/page';
import { errorPage, sendPage } from '../browser/respond';
import { asOidcError, errorTable, type OidcError } from '../protocol/errors';
import { logError, referenceOf } from './log';

/**
 * Logs an error and answers with a page. It is sent here and not by `@oidc_error`, which NGINX does not ask in
 * @do_oidc_flow: that location has no error_page in existing configurations, and is itself the answer of one.
 * @param more further links, beside the one to `retry`
 */
export function sendError(r: NginxHTTPRequest, thrown: unknown, retry: string, more: Page['actions'] = []): void {
  const error = asOidcError(thrown);
  logError(r, error);
  const page = errorPage(r, error, referenceOf(r), retry);
  sendPage(r, statusOf(error), { ...page, actions: page.actions.concat(more) });
}

/** The original knows three: 500 for a token that does not hold, 502 for the provider, 504 for its silence. */
function statusOf({ code }: OidcError): number {
  if (code === 'callback_invalid' || code === 'provider_error') {
    return 502;
  }
  return /^(?:id_token_|unknown_key|issuer_mismatch)/.test(code) ? 500 : errorTable[code].status;
}

/** Sends the request through its location again, now that the session has changed. */
export function retryOriginalRequest(r: NginxHTTPRequest): void {
  const { uri, is_args, args } = r.variables;
  // $uri is decoded, and internalRedirect decodes: what would mean something else then must be encoded once.
  const path = (uri || '/').replace(/[%?#]/g, encodeURIComponent);
  r.internalRedirect(path + (is_args || '') + (args || ''));
}
