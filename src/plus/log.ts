import type { OidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import { plusVariables } from './variables';

/** Joins a page and its log line; the original's eight characters of `$request_id`. */
export function referenceOf(r: NginxHTTPRequest): string {
  return printable((plusVariables(r).request_id || '').slice(0, 8), 8);
}

/** An error that somebody has to mend, or that a person saw. */
export function logError(r: NginxHTTPRequest, error: OidcError): void {
  r.error(lineOf(r, error));
}

/** What is worth a line, and happens without anybody's mistake. */
export function logWarning(r: NginxHTTPRequest, error: OidcError): void {
  r.warn(lineOf(r, error));
}

/** One line, in the original's two formats; nothing secret is ever in `detail`. */
function lineOf(r: NginxHTTPRequest, { code, detail }: OidcError): string {
  const refId = referenceOf(r);
  const message = `${code} ${detail}`;
  if (plusVariables(r).oidc_log_format !== 'json') {
    return `OIDC Error: ReferenceID: ${refId} ${message}`;
  }
  const { remoteAddress: clientIp, method, uri, httpVersion } = r;
  return JSON.stringify({ refId, message, code, clientIp, host: r.variables.host, method, uri, httpVersion });
}
