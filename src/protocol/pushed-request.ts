import { oidcError } from './errors';
import { parseJsonObject, stringMember } from './json';
import { printable } from './text';
import { hintOf } from './token-response';

/**
 * Reads the answer to a pushed authorization request (RFC 9126 section 2.2).
 * @returns the request_uri that stands for the request
 * @throws pushed_request_failed when the provider refuses or answers something else; provider_unreachable when it is in
 *   trouble itself
 */
export function parsePushedResponse(status: number, text: string): string {
  if (status >= 500 || status === 429) {
    throw oidcError('provider_unreachable', `the pushed_authorization_request_endpoint answered ${status}`);
  }
  const body = parseJsonObject(text);
  const uri = body && stringMember(body, 'request_uri');
  if ((status !== 201 && status !== 200) || !uri || !/^[\x21-\x7e]{1,2000}$/.test(uri)) {
    const error = (body && stringMember(body, 'error')) || '';
    const described = printable((body && stringMember(body, 'error_description')) || '', 300);
    const said = error === '' ? 'no request_uri' : `${printable(error, 100)} ${described}`.trim();
    throw oidcError(
      'pushed_request_failed',
      `the pushed_authorization_request_endpoint answered ${status}, ${said}${hintOf(error)}`,
    );
  }
  return uri;
}
