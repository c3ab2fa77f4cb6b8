import { errorTable, type OidcError } from '../protocol/errors';
import { referenceOf } from './reference';

/** Errors that a visitor can cause at will are warnings, so that nobody can fill a log that raises alarms. */
const visitorsFault = [400, 401, 403, 429];

/** One line in error.log: code, reference, and what to do; nothing secret is ever in `detail`. */
export function logError(r: NginxHTTPRequest, error: OidcError): void {
  const line = lineOf(r, error);
  if (visitorsFault.indexOf(errorTable[error.code].status) >= 0) {
    r.warn(line);
  } else {
    r.error(line);
  }
}

export function logWarning(r: NginxHTTPRequest, error: OidcError, consequence: string): void {
  r.warn(`${lineOf(r, error)}; ${consequence}`);
}

function lineOf(r: NginxHTTPRequest, error: OidcError): string {
  return `oidc: ${error.code} ref=${referenceOf(r)} ${error.detail}`;
}
