import { authenticate, chooseMethod } from '../protocol/client-authentication';
import type { ProviderMetadata } from '../protocol/discovery';
import { encodeForm } from '../protocol/parameters';
import type { TokenRecord } from '../session/record';
import type { Context } from './context';
import { logWarning } from './log';
import { callProvider } from './provider-call';
import { asOidcError } from './respond';

/** Revokes the refresh token where the provider offers it (RFC 7009). A failure is logged and ends nothing. */
export async function revokeTokens(context: Context, metadata: ProviderMetadata, tokens: TokenRecord): Promise<void> {
  const { client, client_secret, client_auth_method } = context.config;
  if (!metadata.revocation_endpoint || !tokens.refreshToken) {
    return;
  }
  const method = chooseMethod(client_auth_method, client_secret, metadata.token_endpoint_auth_methods_supported);
  const { authorization, body } = authenticate(method, client, client_secret);
  const pairs: [string, string][] = [
    ['token', tokens.refreshToken],
    ['token_type_hint', 'refresh_token'],
  ];
  const form = encodeForm(pairs.concat(body));
  const request = authorization === undefined ? { form } : { form, authorization };
  try {
    await callProvider(context, '/_revoke', metadata.revocation_endpoint, request);
  } catch (error) {
    logWarning(context.r, asOidcError(error), 'the refresh token was not revoked');
  }
}
