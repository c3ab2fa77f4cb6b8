import { authenticate, chooseMethod } from '../protocol/client-authentication';
import type { ProviderMetadata } from '../protocol/discovery';
import { encodeForm } from '../protocol/parameters';
import { callProvider, type ProviderAnswer, type ProviderLocation } from './call';
import type { ProviderContext } from './context';

/**
 * Posts a form to the provider, the client authenticated as configured or as the provider offers.
 * @throws as callProvider; config_invalid when there is no method, or the chosen one lacks its secret
 */
export function postAsClient(
  context: ProviderContext,
  metadata: ProviderMetadata,
  location: ProviderLocation,
  url: string,
  pairs: [string, string][],
): Promise<ProviderAnswer> {
  const { client, client_secret, client_auth_method } = context.config;
  const credentials = { id: client, secret: client_secret };
  const method = chooseMethod(client_auth_method, credentials, metadata.token_endpoint_auth_methods_supported);
  const { authorization, body } = authenticate(method, credentials);
  const form = encodeForm(pairs.concat(body));
  return callProvider(context, location, url, authorization === undefined ? { form } : { form, authorization });
}
