import { logWarning } from '../nginx/log';
import type { ProviderMetadata } from '../protocol/discovery';
import { asOidcError, oidcError } from '../protocol/errors';
import { type RevocableToken, tokensToRevoke } from '../protocol/revocation-request';
import { postAsClient } from './client-request';
import type { ProviderContext } from './context';

/**
 * Revokes a session's tokens where the provider offers it (RFC 7009). A failure is logged and ends nothing.
 * @param tokens '' for one that there is not
 */
export async function revokeTokens(
  context: ProviderContext,
  metadata: ProviderMetadata,
  tokens: { refreshToken: string; accessToken: string },
): Promise<void> {
  const endpoint = metadata.revocation_endpoint;
  if (!endpoint) {
    return;
  }
  for (const token of tokensToRevoke(tokens, context.config.revoke_access_token)) {
    try {
      await revoke(context, metadata, endpoint, token);
    } catch (error) {
      logWarning(context.r, asOidcError(error), `the ${token.name} was not revoked`);
    }
  }
}

async function revoke(
  context: ProviderContext,
  metadata: ProviderMetadata,
  endpoint: string,
  token: RevocableToken,
): Promise<void> {
  const { status } = await postAsClient(context, metadata, '/_revoke', endpoint, token.form);
  if (status !== 200) {
    throw oidcError('token_request_failed', `${endpoint} answered ${status}`);
  }
}
