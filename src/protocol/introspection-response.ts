import { type ExpectedAccessToken, type VerifiedAccessToken, validateActiveToken } from './access-token';
import { claimText } from './claims';
import { oidcError } from './errors';
import { type JsonObject, parseJsonObject, stringMember } from './json';
import { printable } from './text';

/**
 * What a provider says of a token (RFC 7662 section 2.2).
 * @returns undefined for a token that is not active
 * @throws introspection_failed when the provider refuses this client, or answers something else
 */
export function parseIntrospection(status: number, contentType: string, text: string): JsonObject | undefined {
  const answer = parseJsonObject(text);
  const error = answer && stringMember(answer, 'error');
  if (status !== 200 || error) {
    const said = `the introspection endpoint answered ${status} ${printable(error || '', 100)}`.trim();
    const hint = ': may this client introspect tokens? Check that at the provider, and $oidc_client_auth_method';
    throw oidcError('introspection_failed', said + (status < 500 ? hint : ''));
  }
  if (!answer || typeof answer.active !== 'boolean') {
    const kind = printable(contentType, 60) || 'no content type';
    throw oidcError(
      'introspection_failed',
      `the introspection endpoint answered ${kind}, no JSON object with "active"`,
    );
  }
  return answer.active ? answer : undefined;
}

/**
 * Checks what the provider says of an active token. A token without a person is its client's (RFC 9068 section 2.2).
 * @param answer of parseIntrospection
 * @throws bearer_token_invalid
 */
export function activeToken(answer: JsonObject | undefined, expected: ExpectedAccessToken): VerifiedAccessToken {
  if (!answer) {
    throw oidcError('bearer_token_invalid', 'access token: the provider says that it is not active');
  }
  const { token_type: type } = answer;
  const isKnown = expected.proven?.jkt ? /^(?:bearer|dpop)$/i : /^bearer$/i;
  if (type !== undefined && !(typeof type === 'string' && isKnown.test(type))) {
    const said = printable(claimText(type) ?? typeof type, 40);
    throw oidcError('bearer_token_invalid', `access token: "token_type" is "${said}", not Bearer`);
  }
  const ofClient = answer.sub === undefined && stringMember(answer, 'client_id') !== undefined;
  return validateActiveToken(ofClient ? { ...answer, sub: answer.client_id } : answer, expected);
}
