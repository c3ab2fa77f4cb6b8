import type { AuthorizationResponse } from '../protocol/authorization-response';
import type { ProviderMetadata } from '../protocol/discovery';
import { decodeJws } from '../protocol/jws';
import { responseErrorOf, responseName, validateResponseJwt } from '../protocol/response-jwt';
import { expectedIssuer } from '../protocol/tenants';
import type { ProviderContext } from './context';
import { decrypted } from './decrypt';
import { providerKeys } from './keys';
import { keysOfTenant } from './keys-of-tenant';
import { verifySignature } from './verify-signature';

/**
 * Decrypts an authorization response that is encrypted, and verifies one that is a JWT (JARM section 2.4): the signature as that of an ID token, then issuer,
 * audience and expiry.
 * @throws response_invalid, callback_invalid, jwks_failed, jwks_invalid, tenant_not_allowed
 */
export async function verifyResponse(
  context: ProviderContext,
  metadata: ProviderMetadata,
  jwt: string,
): Promise<AuthorizationResponse> {
  const { config } = context;
  try {
    const jws = decodeJws(await decrypted(config, jwt, responseName, 'response'), responseName);
    const keys = keysOfTenant(providerKeys(context, metadata), config.tenants, jws);
    const verified = await verifySignature(jws, keys, config.id_token_algs);
    return validateResponseJwt(verified, {
      issuer: expectedIssuer(metadata.issuer, config.tenants, verified.payload),
      clientId: config.client,
      now: Math.floor(Date.now() / 1000),
      clockSkew: config.clock_skew,
    });
  } catch (error) {
    throw responseErrorOf(error);
  }
}
