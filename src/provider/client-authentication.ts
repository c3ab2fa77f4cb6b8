import type { Config } from '../config/settings';
import {
  assertionClaims,
  authenticate,
  type ClientAuthentication,
  type ClientCredentials,
  chooseMethod,
} from '../protocol/client-authentication';
import type { ProviderMetadata } from '../protocol/discovery';
import { randomToken } from '../protocol/random';
import { secretSigner, signJws } from '../protocol/sign-jws';
import { clientSigner } from './client-signer';

/** What the client can show for itself. */
export function credentialsOf({ client, client_secret, client_keyfile }: Config): ClientCredentials {
  return { id: client, secret: client_secret, hasKey: client_keyfile.length > 0 };
}

/**
 * What authenticates the client, as configured or as the provider offers.
 * @param offered the methods to choose from, where they are not those of the metadata
 * @throws config_invalid when there is no method, or the chosen one lacks its secret or key
 */
export async function clientAuthentication(
  config: Config,
  metadata: ProviderMetadata,
  offered = metadata.token_endpoint_auth_methods_supported,
): Promise<ClientAuthentication> {
  const credentials = credentialsOf(config);
  const method = chooseMethod(config.client_auth_method, credentials, offered);
  if (method !== 'private_key_jwt' && method !== 'client_secret_jwt') {
    return authenticate(method, credentials);
  }
  const accepted = metadata.token_endpoint_auth_signing_alg_values_supported;
  const signer =
    method === 'private_key_jwt'
      ? await clientSigner(config, accepted)
      : await secretSigner(config.client_secret, hmacOf(accepted));
  const audience = config.client_assertion_aud === 'issuer' ? metadata.issuer : metadata.token_endpoint;
  const claims = assertionClaims(config.client, audience, randomToken(16), Math.floor(Date.now() / 1000));
  return authenticate(method, credentials, await signJws(signer, {}, claims));
}

function hmacOf(accepted: string[] = []): string {
  return ['HS256', 'HS384', 'HS512'].filter((name) => accepted.indexOf(name) >= 0)[0] || 'HS256';
}
