import { oidcError } from '../protocol/errors';
import { issuerOfKeys } from '../protocol/issuer-of-keys';
import type { Config } from './settings';

/** The configured issuer, or the one that the keys' URL tells. Throws config_invalid where neither does. */
export function issuerByHand({ issuer, jwt_keyfile }: Config): string {
  const known = issuer || issuerOfKeys(jwt_keyfile);
  if (known === undefined) {
    throw oidcError(
      'config_invalid',
      '$oidc_issuer is not set and cannot be told from $oidc_jwt_keyfile: set it to the "iss" of the ID tokens',
    );
  }
  return known;
}
