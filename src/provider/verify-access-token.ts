import {
  asymmetric,
  decodeAccessToken,
  type ExpectedAccessToken,
  tokenErrorOf,
  type VerifiedAccessToken,
  validateAccessToken,
} from '../protocol/access-token';
import type { ProviderMetadata } from '../protocol/discovery';
import type { ProviderContext } from './context';
import { providerKeys } from './keys';
import { keysOfTenant } from './keys-of-tenant';
import { verifySignature } from './verify-signature';

/**
 * Verifies a JWT access token (RFC 9068 section 4): what it says first, which costs little, then its signature.
 * @throws bearer_token_invalid, jwks_failed, jwks_invalid
 */
export async function verifyAccessToken(
  context: ProviderContext,
  metadata: ProviderMetadata,
  token: string,
  expected: ExpectedAccessToken,
): Promise<VerifiedAccessToken> {
  const { bearer_typ, id_token_algs, tenants } = context.config;
  const algorithms = asymmetric(id_token_algs);
  const jws = decodeAccessToken(token, bearer_typ, algorithms, expected);
  const verified = await verifySignature(
    jws,
    keysOfTenant(providerKeys(context, metadata), tenants, jws),
    algorithms,
  ).catch((error) => {
    throw tokenErrorOf(error);
  });
  return validateAccessToken(verified, expected);
}
