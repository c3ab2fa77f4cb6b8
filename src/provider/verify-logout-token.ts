import type { Config } from '../config/settings';
import type { ProviderMetadata } from '../protocol/discovery';
import type { Jws } from '../protocol/jws';
import { logoutErrorOf, logoutJws, type VerifiedLogoutToken, validateLogoutToken } from '../protocol/logout-token';
import { expectedIssuer } from '../protocol/tenants';
import type { ProviderContext } from './context';
import { decrypted } from './decrypt';
import { providerKeys } from './keys';
import { keysOfTenant } from './keys-of-tenant';
import { verifySignature } from './verify-signature';

/**
 * Verifies a logout token's signature as that of an ID token, then every claim.
 * @throws logout_invalid, tenant_not_allowed, jwks_failed, jwks_invalid
 */
export async function verifyLogoutToken(
  context: ProviderContext,
  metadata: ProviderMetadata,
  jws: Jws,
): Promise<VerifiedLogoutToken> {
  const { config } = context;
  const keys = keysOfTenant(providerKeys(context, metadata), config.tenants, jws);
  const verified = await verifySignature(jws, keys, config.id_token_algs).catch((error) => {
    throw logoutErrorOf(error);
  });
  return validateLogoutToken(verified, {
    issuer: expectedIssuer(metadata.issuer, config.tenants, verified.payload),
    clientId: config.client,
    now: Math.floor(Date.now() / 1000),
    clockSkew: config.clock_skew,
  });
}

/** A logout token that may be encrypted, taken apart. Throws logout_invalid. */
export async function openedLogoutToken(config: Config, sent: Jws | string): Promise<Jws> {
  if (typeof sent !== 'string') {
    return sent;
  }
  return logoutJws(
    await decrypted(config, sent, 'logout token').catch((error) => {
      throw logoutErrorOf(error);
    }),
  );
}
