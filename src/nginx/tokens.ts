import { authenticate, chooseMethod } from '../protocol/client-authentication';
import type { ProviderMetadata } from '../protocol/discovery';
import { isOidcError, oidcError } from '../protocol/errors';
import type { VerifiedIdToken } from '../protocol/id-token';
import { encodeForm } from '../protocol/parameters';
import { refreshTokenGrant } from '../protocol/token-request';
import { parseTokenResponse, type TokenResponse } from '../protocol/token-response';
import { parseUserinfo } from '../protocol/userinfo';
import { claimVariables } from '../session/claim-variables';
import type { TokenRecord } from '../session/record';
import type { Renewed, RotatedError } from '../session/renewal';
import type { Context } from './context';
import { providerMetadata, verifyIdToken } from './provider';
import { callProvider } from './provider-call';

/** One call of the token endpoint, the client authenticated as configured or as the provider offers. */
export async function requestTokens(
  context: Context,
  metadata: ProviderMetadata,
  location: '/_token' | '/_refresh',
  grant: [string, string][],
): Promise<TokenResponse> {
  const { client, client_secret, client_auth_method } = context.config;
  const method = chooseMethod(client_auth_method, client_secret, metadata.token_endpoint_auth_methods_supported);
  const { authorization, body } = authenticate(method, client, client_secret);
  const form = encodeForm(grant.concat(body));
  const request = authorization === undefined ? { form } : { form, authorization };
  const answer = await callProvider(context, location, metadata.token_endpoint, request);
  return parseTokenResponse(answer.status, answer.contentType, answer.text);
}

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

/** When to renew and until when tokens are good (seconds since 1970; 0 never): the earlier of both tokens counts. */
export function renewalTimes(
  context: Context,
  tokens: TokenResponse,
  idTokenExpires: number,
  hasRefreshToken: boolean,
): { renewAt: number; expiresAt: number } {
  if (!hasRefreshToken) {
    return { renewAt: 0, expiresAt: 0 };
  }
  const now = Math.floor(Date.now() / 1000);
  const ends = [now + (tokens.expiresIn || Infinity), idTokenExpires || Infinity];
  const expiresAt = Math.min(ends[0] as number, ends[1] as number);
  if (expiresAt === Infinity) {
    return { renewAt: 0, expiresAt: 0 };
  }
  const lifetime = Math.max(0, expiresAt - now);
  const ahead = Math.min(context.config.renew_before, Math.floor(lifetime / 4));
  return { renewAt: expiresAt - ahead, expiresAt };
}

/** The variables for the locations: claims, and the session's own times where they are declared. */
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

/**
 * Uses the refresh token (RFC 6749 section 6, OpenID Connect Core 12).
 * @throws refresh_rejected when the session must end; anything else when the provider is in trouble
 */
export async function refreshTokens(
  context: Context,
  old: TokenRecord,
  record: { v: Record<string, string>; e: number },
): Promise<Renewed> {
  const metadata = await providerMetadata(context);
  const answer = await requestTokens(context, metadata, '/_refresh', refreshTokenGrant(old.refreshToken)).catch(
    (error) => {
      if (isOidcError(error) && error.oauthError === 'invalid_grant') {
        throw oidcError('refresh_rejected', 'the provider says that the refresh token is no longer good');
      }
      throw error;
    },
  );
  const tokens: TokenRecord = {
    ...old,
    accessToken: answer.accessToken,
    idToken: answer.idToken || old.idToken,
    refreshToken: answer.refreshToken || old.refreshToken,
  };
  if (answer.idToken === undefined) {
    const times = renewalTimes(context, answer, 0, true);
    return { tokens, variables: withTimes(record.v, times.renewAt), ...times };
  }
  try {
    const idToken = await verifyIdToken(context, metadata, answer.idToken, {
      previous: old,
      accessToken: answer.accessToken,
    });
    const claims = await allClaims(context, metadata, idToken, answer.accessToken);
    const times = renewalTimes(context, answer, idToken.exp, true);
    return { tokens, variables: sessionVariables(context, claims, record.e, times.renewAt), ...times };
  } catch (error) {
    throw whatItMeans(error, { ...old, refreshToken: tokens.refreshToken });
  }
}

/** A renewed ID token that fails ends the session; keys that could not be fetched only postpone the renewal. */
function whatItMeans(error: unknown, rotated: TokenRecord): unknown {
  if (!isOidcError(error)) {
    return error;
  }
  if (/^(id_token_|unknown_key|userinfo_invalid)/.test(error.code)) {
    return oidcError('refresh_rejected', `the renewed ID token was refused: ${error.code} ${error.detail}`);
  }
  return Object.assign(error, { rotated }) as RotatedError;
}

function withTimes(variables: Record<string, string>, renewAt: number): Record<string, string> {
  return variables.oidc_session_renews === undefined
    ? variables
    : { ...variables, oidc_session_renews: String(renewAt) };
}
