import { strictAlgorithms } from '../config/profile';
import type { Config } from '../config/settings';
import { oidcError } from '../protocol/errors';
import { keyId, type PrivateKey, sha256 } from '../protocol/private-key';
import { type Signer, signerOf, signingAlgorithm } from '../protocol/sign-jws';
import { printable } from '../protocol/text';
import { clientKeys } from './client-keys';

/**
 * The first key of `$oidc_client_keyfile` that signs by what the other side takes, with its name.
 * @param accepted the algorithms of the metadata, as far as they say so
 * @throws config_invalid when there is no such key, or this NGINX cannot sign with it
 */
export async function clientSigner(config: Config, accepted: string[] = []): Promise<Signer> {
  for (const key of clientKeys('oidc_client_keyfile', config.client_keyfile)) {
    const alg = algorithmFor(config, key, accepted);
    if (alg !== undefined) {
      const kid = await keyId(key);
      try {
        const signer = { ...(await signerOf(key, alg)), kid };
        return key.certificate ? { ...signer, x5t: await sha256(key.certificate) } : signer;
      } catch (error) {
        const why = printable(String(error), 100);
        throw oidcError('config_invalid', `$oidc_client_keyfile: key "${kid}" cannot sign by ${alg} here: ${why}`);
      }
    }
  }
  const asked = config.client_signing_alg || printable(accepted.join(' '), 200) || 'RS256, PS256, ES256 or their like';
  throw oidcError('config_invalid', `$oidc_client_keyfile: there is no key to sign with by ${asked}`);
}

/** What a key signs by, as configured or as the other side takes it; undefined where it cannot. */
export function algorithmFor(config: Config, key: PrivateKey, accepted: string[] = []): string | undefined {
  const { profile, client_signing_alg: wanted } = config;
  if (wanted !== '') {
    return signingAlgorithm(key, [wanted]);
  }
  const strict = strictAlgorithms.filter((name) => accepted.length === 0 || accepted.indexOf(name) >= 0);
  return signingAlgorithm(key, profile === '' ? accepted : strict.concat('none')); // an empty list would allow any
}
