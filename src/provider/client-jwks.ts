import type { Config } from '../config/settings';
import type { ProviderMetadata } from '../protocol/discovery';
import { keyId, publicJwk } from '../protocol/private-key';
import { clientKeys } from './client-keys';
import { algorithmFor } from './client-signer';

/**
 * The public halves of this client's keys, as a JWK set (RFC 7517): those that sign, each with its algorithm where that is
 * one for all it signs, and those that tokens for us are encrypted to.
 * @param metadata what the provider says of the algorithms that it takes
 * @throws config_invalid
 */
export async function clientJwks(
  config: Config,
  metadata: Partial<ProviderMetadata> = {},
): Promise<{ keys: Record<string, string>[] }> {
  const forClient = metadata.token_endpoint_auth_signing_alg_values_supported;
  const forRequests = metadata.request_object_signing_alg_values_supported || forClient;
  const keys: Record<string, string>[] = [];
  for (const key of clientKeys('oidc_client_keyfile', config.client_keyfile)) {
    const alg = algorithmFor(config, key, forClient);
    const isOne = alg !== undefined && alg === algorithmFor(config, key, forRequests);
    const shown = Object.assign(publicJwk(key), { kid: await keyId(key), use: key.use || 'sig' });
    keys.push(isOne ? Object.assign(shown, { alg }) : shown);
  }
  for (const key of clientKeys('oidc_decryption_keyfile', config.decryption_keyfile)) {
    const shown = Object.assign(publicJwk(key), { kid: await keyId(key), use: 'enc' });
    keys.push(key.alg === undefined ? shown : Object.assign(shown, { alg: key.alg }));
  }
  return { keys };
}
