import type { Config } from '../config/settings';
import { keyId, publicJwk } from '../protocol/private-key';
import { clientKeys } from './client-keys';
import { algorithmFor } from './client-signer';

/**
 * The public halves of this client's keys, as a JWK set (RFC 7517): those that sign, each with its algorithm, and those that
 * tokens for us are encrypted to.
 * @param accepted the algorithms that the provider takes, as far as it says so
 * @throws config_invalid
 */
export async function clientJwks(config: Config, accepted?: string[]): Promise<{ keys: Record<string, string>[] }> {
  const keys: Record<string, string>[] = [];
  for (const key of clientKeys('oidc_client_keyfile', config.client_keyfile)) {
    const alg = algorithmFor(config, key, accepted);
    const shown = Object.assign(publicJwk(key), { kid: await keyId(key), use: key.use || 'sig' });
    keys.push(alg === undefined ? shown : Object.assign(shown, { alg }));
  }
  for (const key of clientKeys('oidc_decryption_keyfile', config.decryption_keyfile)) {
    const shown = Object.assign(publicJwk(key), { kid: await keyId(key), use: 'enc' });
    keys.push(key.alg === undefined ? shown : Object.assign(shown, { alg: key.alg }));
  }
  return { keys };
}
