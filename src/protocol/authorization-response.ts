import type { ProviderMetadata } from './discovery';
import { oidcError } from './errors';
import { type Parameters, parseParameters } from './parameters';
import { printable } from './text';

interface Response {
  /** '' where an error came without one, which some providers leave out. */
  readonly state: string;
  readonly iss?: string;
}

/** What the provider sent the browser back with (RFC 6749 section 4.1.2). */
export type AuthorizationResponse =
  | (Response & { readonly code: string })
  | (Response & { readonly error: string; readonly errorDescription?: string });

/**
 * Reads the query of a callback, or the form of one.
 * @throws callback_invalid for a parameter that is broken, doubled or missing, and for `code` together with `error`;
 *   an error may lack its `state`
 */
export function parseAuthorizationResponse(query: string): AuthorizationResponse {
  const parameters = parseParameters(query);
  if (!parameters) {
    throw oidcError('callback_invalid', 'a parameter is doubled or wrongly encoded');
  }
  return responseOf(parameters);
}

/**
 * What a response says, which no longer depends on how it came.
 * @throws callback_invalid, as parseAuthorizationResponse
 */
export function responseOf({ state = '', code, error, error_description, iss }: Parameters): AuthorizationResponse {
  if (!state && !error) {
    throw oidcError('callback_invalid', 'no "state": was this address opened by hand, or does the provider drop it?');
  }
  if ((code ? 1 : 0) + (error ? 1 : 0) !== 1) {
    throw oidcError('callback_invalid', 'neither or both of "code" and "error"');
  }
  const response = iss === undefined ? { state } : { state, iss };
  if (code) {
    return { ...response, code };
  }
  const described = { ...response, error: error as string };
  return error_description === undefined ? described : { ...described, errorDescription: error_description };
}

/**
 * The issuer that names itself in the response must be the one that was asked, and must be there when the metadata
 * promises it (RFC 9207 section 2.4), or the operator requires it.
 * @param expected of a provider with many tenants, those of the allowed ones
 * @throws issuer_mismatch
 */
export function checkResponseIssuer(
  response: AuthorizationResponse,
  metadata: ProviderMetadata,
  isRequired = false,
  expected: string[] = [metadata.issuer],
): void {
  const missing = response.iss === undefined && (isRequired || metadata.authorization_response_iss_parameter_supported);
  if (missing || (response.iss !== undefined && expected.indexOf(response.iss) < 0)) {
    const said = response.iss === undefined ? 'no "iss"' : `"iss" ${printable(response.iss, 200)}`;
    throw oidcError('issuer_mismatch', `the authorization response has ${said} instead of ${expected.join(' or ')}`);
  }
}

/** What an error response says, as a text for the log and the page. */
export function errorText(error: string, description = ''): string {
  return printable(error, 100) + (description ? `: ${printable(description, 300)}` : '');
}
