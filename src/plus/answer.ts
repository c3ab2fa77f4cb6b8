import { sendPage } from '../browser/respond';
import { asOidcError, errorTable, type OidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import { plusVariables } from './variables';

/**
 * Logs an error and answers. With the original's `error_page 500 502 504 @oidc_error` in place, which shows
 * `$internal_error_message`, its statuses stay as they were; all else is a page of ours.
 */
export function sendError(r: NginxHTTPRequest, thrown: unknown, retry: string): void {
  const error = asOidcError(thrown);
  const v = plusVariables(r);
  const { title, text } = errorTable[error.code];
  const status = statusOf(error);
  const reference = printable((v.request_id || '').slice(0, 8), 8);
  log(r, error, reference);
  if (v.internal_error_message !== undefined && (status === 500 || status === 502 || status === 504)) {
    const debug = v.oidc_debug && v.oidc_debug !== '0' ? ` ${error.code}: ${error.detail}` : '';
    v.internal_error_message = `${title}. ReferenceID: ${reference}${debug}\n`;
    return r.return(status);
  }
  sendPage(r, status, {
    title,
    text,
    ...(error.note ? { note: error.note } : {}),
    actions: [{ label: 'Try again', href: retry }],
    reference,
  });
}

/** The original knows three: 500 for a token that does not hold, 502 for the provider, 504 for its silence. */
function statusOf({ code }: OidcError): number {
  if (code === 'callback_invalid' || code === 'provider_error') {
    return 502;
  }
  return /^(?:id_token_|unknown_key|issuer_mismatch)/.test(code) ? 500 : errorTable[code].status;
}

function log(r: NginxHTTPRequest, error: OidcError, refId: string): void {
  const message = `${error.code} ${error.detail}`;
  const { host } = r.variables;
  if (plusVariables(r).oidc_log_format === 'json') {
    const { remoteAddress: clientIp, method, uri, httpVersion } = r;
    r.error(JSON.stringify({ refId, message, clientIp, host, method, uri, httpVersion }));
  } else {
    r.error(`OIDC Error: ReferenceID: ${refId} ${message}`);
  }
}

/** Sends the request through its location again, now that the session has changed. */
export function retryOriginalRequest(r: NginxHTTPRequest): void {
  delete r.headersOut['WWW-Authenticate']; // of the auth_jwt that refused before
  const { uri, is_args, args } = r.variables;
  // $uri is decoded, and internalRedirect decodes: what would mean something else then must be encoded once.
  const path = (uri || '/').replace(/[%?#]/g, encodeURIComponent);
  r.internalRedirect(path + (is_args || '') + (args || ''));
}
