import type { ProviderMetadata } from '../protocol/discovery';
import { isOidcError } from '../protocol/errors';
import { type VerifiedIdToken, validateIdToken } from '../protocol/id-token';
import { decodeJws, verifyJws } from '../protocol/jws';
import type { ProviderContext } from './context';
import { providerKeys } from './keys';

/**
 * Verifies an ID token's signature against the provider's keys, then every claim. Keys that the cache does not have
 * yet are fetched at once, but not more often than the cache allows.
 * @throws id_token_signature, id_token_algorithm, id_token_invalid, unknown_key, jwks_failed, jwks_invalid
 */
export async function verifyIdToken(
  context: ProviderContext,
  metadata: ProviderMetadata,
  idToken: string,
  expected: { nonce?: string; accessToken?: string; previous?: { iss: string; sub: string; nonce?: string } },
): Promise<VerifiedIdToken> {
  const { config } = context;
  const jws = decodeJws(idToken);
  const options = { algorithms: config.id_token_algs };
  const keys = providerKeys(context, metadata);
  const verified = await keys.get().then((known) =>
    verifyJws(jws, known, options).catch(async (error) => {
      const renewed = isOidcError(error) && error.code === 'unknown_key' ? await keys.refetch() : undefined;
      if (!renewed) {
        throw error;
      }
      return verifyJws(jws, renewed, options);
    }),
  );
  return validateIdToken(verified, {
    issuer: metadata.issuer,
    clientId: config.client,
    now: Math.floor(Date.now() / 1000),
    clockSkew: config.clock_skew,
    ...expected,
  });
}
