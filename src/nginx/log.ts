import { type ErrorCode, errorTable, isOutage, type OidcError } from '../protocol/errors';
import { count } from './metrics';
import { referenceOf } from './reference';

/** Errors that a visitor can cause at will are warnings, so that nobody can fill a log that raises alarms. */
const visitorsFault = [400, 401, 403, 404, 429];

/** One line in error.log, but none where a shared store is away, which is told once: code, reference, and what to do; nothing secret is ever in `detail`. */
export function logError(r: NginxHTTPRequest, error: OidcError): void {
  if (isOutage(error)) {
    return;
  }
  const line = lineOf(r, error);
  if (visitorsFault.indexOf(errorTable[error.code].status) >= 0) {
    r.warn(line);
  } else {
    r.error(line);
  }
}

/** What a line says of an error, or of something that is none. */
type Said = Pick<OidcError, 'detail'> & { readonly code: ErrorCode | WarningCode };
/** Codes of what stops nobody; stable as those of errors are. */
export type WarningCode = 'claim_left_out' | 'hint_left_out' | 'page_incomplete' | 'store_back';

/** @param consequence what becomes of it, or what to do */
export function logWarning(r: NginxHTTPRequest, said: Said, consequence: string): void {
  r.warn(lineOf(r, said, consequence));
}

/** A shared store is away: the only line of all requests that find it so. */
export function logOutage(r: NginxHTTPRequest, error: OidcError, consequence: string): void {
  r.error(lineOf(r, error, consequence));
}

function lineOf(r: NginxHTTPRequest, { code, detail }: Said, consequence = ''): string {
  const message = consequence === '' ? detail : `${detail}; ${consequence}`;
  if (Object.prototype.hasOwnProperty.call(errorTable, code)) {
    count('oidc_errors_total', code as ErrorCode);
  }
  return r.variables.oidc_log_format === 'json'
    ? jsonLine(r, code, message)
    : `oidc: ${code} ref=${referenceOf(r)} ${message}`;
}

/** NGINX cuts a line of error.log at 2048 bytes, its own words included. */
const mostBytes = 1500;

/** The names are those of the edition for NGINX Plus. Of a message that is too long a part is told, and a mark. */
function jsonLine(r: NginxHTTPRequest, code: string, message: string): string {
  const { host, request_method: method, uri, remote_addr: clientIp } = r.variables;
  const said = { refId: referenceOf(r), code, message, clientIp, host: short(host), method, uri: short(uri) };
  let line = JSON.stringify(said);
  while (Buffer.byteLength(line) > mostBytes && said.message !== '...') {
    said.message = `${said.message.slice(0, Math.floor(said.message.length / 2))}...`.replace(/\.{6}$/, '...');
    line = JSON.stringify(said);
  }
  return line;
}

const short = (text = '') => (text.length > 100 ? `${text.slice(0, 100)}...` : text);
