import type { ProviderMetadata } from '../protocol/discovery';
import { isOidcError, type OidcError, oidcError } from '../protocol/errors';
import { type VerifiedIdToken, validateIdToken } from '../protocol/id-token';
import { decodeJws, type Jws, type VerifiedJws, verifyJws } from '../protocol/jws';
import type { ProviderContext } from './context';
import { type Keys, providerKeys } from './keys';

/**
 * Verifies an ID token's signature against the provider's keys, then every claim. A key that is not known, or by which
 * the signature does not hold, may have been changed since: the keys are fetched again, as often as the cache allows.
 * @throws id_token_signature, id_token_algorithm, id_token_invalid, unknown_key, jwks_failed, jwks_invalid
 */
export async function verifyIdToken(
  context: ProviderContext,
  metadata: ProviderMetadata,
  idToken: string,
  expected: { nonce?: string; accessToken?: string; previous?: { iss: string; sub: string; nonce?: string } },
): Promise<VerifiedIdToken> {
  const { config } = context;
  const verified = await verifySignature(decodeJws(idToken), providerKeys(context, metadata), config.id_token_algs);
  return validateIdToken(verified, {
    issuer: metadata.issuer,
    clientId: config.client,
    now: Math.floor(Date.now() / 1000),
    clockSkew: config.clock_skew,
    ...expected,
  });
}

async function verifySignature(jws: Jws, keys: Keys, algorithms: string[]): Promise<VerifiedJws> {
  const options = { algorithms, secrets: keys.secrets };
  const known = await keys.get();
  try {
    return await verifyJws(jws, known, options);
  } catch (error) {
    const newer = isKeyInDoubt(error, jws) ? await keys.refetch(known) : undefined;
    if (newer === undefined) {
      throw error;
    }
    if ('retryAfter' in newer) {
      const { code, detail } = error as OidcError;
      throw oidcError(code, `${detail}; the keys were fetched a moment ago, and can be again in ${newer.retryAfter} s`);
    }
    return verifyJws(jws, newer.document, options);
  }
}

/** The client secret, by which HS256 and its like are signed, is not among what the provider publishes. */
function isKeyInDoubt(error: unknown, jws: Jws): boolean {
  return (
    isOidcError(error) &&
    (error.code === 'unknown_key' || error.code === 'id_token_signature') &&
    !jws.header.alg.startsWith('HS')
  );
}
