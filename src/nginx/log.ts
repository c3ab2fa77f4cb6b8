import { type ErrorCode, errorTable, isOutage, type OidcError } from '../protocol/errors';
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
type WarningCode = 'claim_left_out' | 'hint_left_out' | 'page_incomplete' | 'store_back';

/** @param consequence what becomes of it, or what to do */
export function logWarning(r: NginxHTTPRequest, said: Said, consequence: string): void {
  r.warn(`${lineOf(r, said)}; ${consequence}`);
}

/** A shared store is away: the only line of all requests that find it so. */
export function logOutage(r: NginxHTTPRequest, error: OidcError, consequence: string): void {
  r.error(`${lineOf(r, error)}; ${consequence}`);
}

function lineOf(r: NginxHTTPRequest, { code, detail }: Said): string {
  return `oidc: ${code} ref=${referenceOf(r)} ${detail}`;
}
