import type { ProviderMetadata } from '../protocol/discovery';
import { encodeForm } from '../protocol/parameters';
import { callProvider, type ProviderAnswer, type ProviderLocation } from './call';
import { clientAuthentication } from './client-authentication';
import type { ProviderContext } from './context';

/**
 * Posts a form to the provider, the client authenticated as configured or as the provider offers.
 * @param dpop a proof of the key that tokens are to be bound to
 * @throws as callProvider; config_invalid when there is no method, or the chosen one lacks its secret or key
 */
export async function postAsClient(
  context: Pick<ProviderContext, 'r' | 'config'>,
  metadata: ProviderMetadata,
  location: ProviderLocation,
  url: string,
  pairs: [string, string][],
  dpop = '',
): Promise<ProviderAnswer> {
  const { authorization, body } = await clientAuthentication(context.config, metadata);
  const names = pairs.map(([name]) => name);
  const form = encodeForm(pairs.concat(body.filter(([name]) => names.indexOf(name) < 0)));
  const request = authorization === undefined ? { form, dpop } : { form, dpop, authorization };
  return callProvider(context, location, url, request);
}
