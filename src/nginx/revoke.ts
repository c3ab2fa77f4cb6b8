import type { ProviderMetadata } from '../protocol/discovery';
import type { TokenRecord } from '../session/record';
import { postAsClient } from './client-request';
import type { Context } from './context';
import { logWarning } from './log';
import { asOidcError } from './respond';

/** Revokes the refresh token where the provider offers it (RFC 7009). A failure is logged and ends nothing. */
export async function revokeTokens(context: Context, metadata: ProviderMetadata, tokens: TokenRecord): Promise<void> {
  if (!metadata.revocation_endpoint || !tokens.refreshToken) {
    return;
  }
  try {
    await postAsClient(context, metadata, '/_revoke', metadata.revocation_endpoint, [
      ['token', tokens.refreshToken],
      ['token_type_hint', 'refresh_token'],
    ]);
  } catch (error) {
    logWarning(context.r, asOidcError(error), 'the refresh token was not revoked');
  }
}
