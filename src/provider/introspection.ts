import type { ProviderMetadata } from '../protocol/discovery';
import { oidcError } from '../protocol/errors';
import { parseIntrospection } from '../protocol/introspection-response';
import type { JsonObject } from '../protocol/json';
import { postAsClient } from './client-request';
import type { ProviderContext } from './context';

/**
 * Asks the provider about a token (RFC 7662 section 2.1).
 * @returns what it says of an active token, undefined for any other
 * @throws config_invalid without an endpoint; introspection_failed; as callProvider
 */
export async function introspect(
  context: Pick<ProviderContext, 'r' | 'config'>,
  metadata: ProviderMetadata,
  token: string,
): Promise<JsonObject | undefined> {
  const endpoint = metadata.introspection_endpoint;
  if (!endpoint) {
    const how = 'the provider names no endpoint: set $oidc_introspection_endpoint, or $oidc_introspection off';
    throw oidcError('config_invalid', `$oidc_introspection is on, and ${how}`);
  }
  const { status, contentType, text } = await postAsClient(context, metadata, '/_introspect', endpoint, [
    ['token', token],
    ['token_type_hint', 'access_token'],
  ]);
  return parseIntrospection(status, contentType, text);
}
