import { oidcError } from '../protocol/errors';
import { issuerOfKeys } from '../protocol/issuer-of-keys';
import { issuerOfTenant, issuerTemplate } from '../protocol/tenants';
import type { Config } from './settings';

/**
 * Whom the ID tokens of this site may be of: one issuer, or with `$oidc_tenants` that of each tenant.
 * @throws as `issuerByHand`
 */
export function issuersOf(config: Config): string[] {
  const issuer = issuerByHand(config);
  return config.tenants.length === 0 ? [issuer] : config.tenants.map((tenant) => issuerOfTenant(issuer, tenant));
}

/** The configured issuer, as the metadata have it, or the one that the keys' URL tells. Throws config_invalid where neither does. */
export function issuerByHand({ issuer, jwt_keyfile, tenants }: Config): string {
  const known = (tenants.length > 0 && issuerTemplate(issuer)) || issuer || issuerOfKeys(jwt_keyfile);
  if (known === undefined) {
    throw oidcError(
      'config_invalid',
      '$oidc_issuer is not set and cannot be told from $oidc_jwt_keyfile: set it to the "iss" of the ID tokens',
    );
  }
  return known;
}
