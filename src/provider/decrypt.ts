import type { Config } from '../config/settings';
import { oidcError } from '../protocol/errors';
import { decryptJwe, isJwe } from '../protocol/jwe';
import { clientKeys } from './client-keys';

/** What a provider may encrypt for this client. */
export type Encryptable = 'id_token' | 'userinfo' | 'response';

/**
 * What is inside a token that may be encrypted to the keys of `$oidc_decryption_keyfile`; one that is not, as it is.
 * @param name what to call it in a message
 * @param kind what `$oidc_require_encryption` may say of it
 * @throws what decryptJwe throws; id_token_invalid where it must be encrypted and is not
 */
export async function decrypted(config: Config, token: string, name: string, kind?: Encryptable): Promise<string> {
  const { decryption_keyfile: files, require_encryption } = config;
  if (isJwe(token)) {
    return decryptJwe(token, clientKeys('oidc_decryption_keyfile', files), name);
  }
  if (kind !== undefined && files.length > 0 && require_encryption.indexOf(kind) >= 0) {
    throw oidcError(
      'id_token_invalid',
      `the ${name} is not encrypted: register the public key of $oidc_decryption_keyfile at the provider, or take ${kind} out of $oidc_require_encryption`,
    );
  }
  return token;
}
