import type { ProviderMetadata } from '../protocol/discovery';
import { oidcError } from '../protocol/errors';
import type { VerifiedIdToken } from '../protocol/id-token';
import { parseUserinfo } from '../protocol/userinfo';
import { claimVariables } from '../session/claim-variables';
import type { Context } from './context';
import { callProvider } from './provider-call';

/** The claims of the verified ID token, completed by UserInfo where `$oidc_userinfo` asks for it. */
export async function allClaims(
  context: Context,
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

/** The variables for the locations: claims, and the session's own times (seconds since 1970), as far as declared. */
export function sessionVariables(
  context: Context,
  claims: Record<string, unknown>,
  expires: number,
  renews: number,
): Record<string, string> {
  const isDeclared = (name: string) => context.r.variables[name] !== undefined;
  const variables = claimVariables(claims, isDeclared);
  const times: Record<string, number> = { oidc_session_expires: expires, oidc_session_renews: renews };
  for (const name of Object.keys(times)) {
    if (isDeclared(name)) {
      variables[name] = String(times[name]);
    }
  }
  return variables;
}
