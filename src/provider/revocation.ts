import { logWarning } from '../nginx/log';
import type { ProviderMetadata } from '../protocol/discovery';
import { asOidcError, oidcError } from '../protocol/errors';
import { postAsClient } from './client-request';
import type { ProviderContext } from './context';

/** Revokes the refresh token where the provider offers it (RFC 7009). A failure is logged and ends nothing. */
export async function revokeRefreshToken(
  context: ProviderContext,
  metadata: ProviderMetadata,
  refreshToken: string,
): Promise<void> {
  if (!metadata.revocation_endpoint || !refreshToken) {
    return;
  }
  try {
    const { status } = await postAsClient(context, metadata, '/_revoke', metadata.revocation_endpoint, [
      ['token', refreshToken],
      ['token_type_hint', 'refresh_token'],
    ]);
    if (status !== 200) {
      throw oidcError('token_request_failed', `${metadata.revocation_endpoint} answered ${status}`);
    }
  } catch (error) {
    logWarning(context.r, asOidcError(error), 'the refresh token was not revoked');
  }
}
