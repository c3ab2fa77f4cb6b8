import type { ProviderMetadata } from '../protocol/discovery';
import { type VerifiedIdToken, validateIdToken } from '../protocol/id-token';
import { decodeJws } from '../protocol/jws';
import { expectedIssuer } from '../protocol/tenants';
import type { ProviderContext } from './context';
import { decrypted } from './decrypt';
import { providerKeys } from './keys';
import { keysOfTenant } from './keys-of-tenant';
import { verifySignature } from './verify-signature';

/**
 * Decrypts an ID token that is encrypted, verifies its signature against the provider's keys, then every claim.
 * @throws id_token_signature, id_token_algorithm, id_token_invalid, unknown_key, decryption_failed, jwks_failed,
 *   jwks_invalid, tenant_not_allowed
 */
export async function verifyIdToken(
  context: ProviderContext,
  metadata: ProviderMetadata,
  idToken: string,
  expected: { nonce?: string; accessToken?: string; previous?: { iss: string; sub: string; nonce?: string } },
): Promise<VerifiedIdToken> {
  const { config } = context;
  const jws = decodeJws(await decrypted(config, idToken, 'ID token', 'id_token'));
  const keys = keysOfTenant(providerKeys(context, metadata), config.tenants, jws);
  const verified = await verifySignature(jws, keys, config.id_token_algs);
  return validateIdToken(verified, {
    issuer: expectedIssuer(metadata.issuer, config.tenants, verified.payload),
    clientId: config.client,
    now: Math.floor(Date.now() / 1000),
    clockSkew: config.clock_skew,
    ...expected,
  });
}
