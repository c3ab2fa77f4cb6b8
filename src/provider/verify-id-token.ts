import type { ProviderMetadata } from '../protocol/discovery';
import { type VerifiedIdToken, validateIdToken } from '../protocol/id-token';
import { decodeJws } from '../protocol/jws';
import type { ProviderContext } from './context';
import { decrypted } from './decrypt';
import { providerKeys } from './keys';
import { verifySignature } from './verify-signature';

/**
 * Decrypts an ID token that is encrypted, verifies its signature against the provider's keys, then every claim.
 * @throws id_token_signature, id_token_algorithm, id_token_invalid, unknown_key, decryption_failed, jwks_failed, jwks_invalid
 */
export async function verifyIdToken(
  context: ProviderContext,
  metadata: ProviderMetadata,
  idToken: string,
  expected: { nonce?: string; accessToken?: string; previous?: { iss: string; sub: string; nonce?: string } },
): Promise<VerifiedIdToken> {
  const { config } = context;
  const jws = decodeJws(await decrypted(config, idToken, 'ID token', 'id_token'));
  const verified = await verifySignature(jws, providerKeys(context, metadata), config.id_token_algs);
  return validateIdToken(verified, {
    issuer: metadata.issuer,
    clientId: config.client,
    now: Math.floor(Date.now() / 1000),
    clockSkew: config.clock_skew,
    ...expected,
  });
}
