import { isOidcError, type OidcError, oidcError } from '../protocol/errors';
import { type Jws, type VerifiedJws, verifyJws } from '../protocol/jws';
import type { Keys } from './keys';

/**
 * Verifies a token's signature against the provider's keys. A key that is not known, or by which the signature does not
 * hold, may have been changed since: the keys are fetched again, as often as the cache allows.
 * @throws id_token_signature, id_token_algorithm, unknown_key, jwks_failed, jwks_invalid
 */
export async function verifySignature(jws: Jws, keys: Keys, algorithms: string[]): Promise<VerifiedJws> {
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
