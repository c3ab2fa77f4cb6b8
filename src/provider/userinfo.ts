import type { ProviderMetadata } from '../protocol/discovery';
import { oidcError } from '../protocol/errors';
import type { VerifiedIdToken } from '../protocol/id-token';
import { parseUserinfo } from '../protocol/userinfo';
import { callProvider } from './call';
import type { ProviderContext } from './context';

/** The claims of the verified ID token, completed by UserInfo where `$oidc_userinfo` asks for it. */
export async function allClaims(
  context: ProviderContext,
  metadata: ProviderMetadata,
  idToken: VerifiedIdToken,
  accessToken: string,
): Promise<Record<string, unknown>> {
  if (!context.config.userinfo) {
    return idToken.claims;
  }
  if (!metadata.userinfo_endpoint) {
    throw oidcError('config_invalid', '$oidc_userinfo is on, but there is no endpoint: set $oidc_userinfo_endpoint');
  }
  const request = { authorization: `Bearer ${accessToken}` };
  const answer = await callProvider(context, '/_userinfo', metadata.userinfo_endpoint, request);
  return { ...parseUserinfo(answer.status, answer.contentType, answer.text, idToken.sub), ...idToken.claims };
}
