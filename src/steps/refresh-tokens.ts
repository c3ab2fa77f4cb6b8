import { isOidcError } from '../protocol/errors';
import { decodeJws } from '../protocol/jws';
import { refreshTokenGrant } from '../protocol/token-request';
import { newDpopKey } from '../provider/dpop';
import { providerMetadata } from '../provider/metadata';
import { requestTokens } from '../provider/token-endpoint';
import { allClaims } from '../provider/userinfo';
import { verifyIdToken } from '../provider/verify-id-token';
import type { SessionRecord, TokenRecord } from '../session/record';
import type { Renewed, RotatedError } from '../session/renewal';
import { accessTokenEnd, renewalTimes } from '../session/renewal-times';
import { claimsBeside, sessionClaims } from '../session/session-claims';
import type { Context } from '../visit/context';
import { meaningOfFailure } from './failed-renewal';
import { sessionVariables } from './session-variables';

/**
 * Uses the refresh token (RFC 6749 section 6, OpenID Connect Core 12).
 * @throws refresh_rejected when the session must end; anything else when the provider is in trouble
 */
export async function refreshTokens(context: Context, old: TokenRecord, record: SessionRecord): Promise<Renewed> {
  const metadata = await providerMetadata(context);
  const dpopKey = old.dpopKey || (context.config.dpop ? await newDpopKey(metadata) : '');
  const grant = refreshTokenGrant(old.refreshToken);
  const answer = await requestTokens(context, metadata, '/_refresh', grant, dpopKey).catch((error) => {
    throw meaningOfFailure(error);
  });
  const bound = dpopKey === '' ? {} : { dpopKey };
  const tokens: TokenRecord = {
    ...old,
    ...bound,
    accessToken: answer.accessToken,
    refreshToken: answer.refreshToken || old.refreshToken,
  };
  const now = Math.floor(Date.now() / 1000);
  const timesUntil = (idTokenExpires?: number) => ({
    ...renewalTimes(now, context.config.renew_before, answer.expiresIn, idTokenExpires),
    accessTokenEndsAt: accessTokenEnd(now, answer.expiresIn),
  });
  if (answer.idToken === undefined) {
    const times = timesUntil();
    return { tokens, variables: withTimes(record.variables, times.renewAt), wants: record.wants, ...times };
  }
  const previous = identityOf(old);
  try {
    const idToken = await verifyIdToken(context, metadata, answer.idToken, {
      previous,
      accessToken: answer.accessToken,
    });
    const claims = await allClaims(context, metadata, idToken, answer.accessToken, dpopKey);
    const times = timesUntil(idToken.exp);
    tokens.idToken = idToken.raw;
    tokens.besideIdToken = claimsBeside(claims, idToken.claims, sessionClaims(old));
    tokens.nonce = idToken.claims.nonce === undefined ? previous.nonce : '';
    return { tokens, ...sessionVariables(context, claims, record.endsAt, times.renewAt), ...times };
  } catch (error) {
    throw keepingRotated(meaningOfFailure(error), { ...old, ...bound, refreshToken: tokens.refreshToken });
  }
}

/** What a renewed ID token must repeat (OpenID Connect Core 12.2). */
function identityOf({ idToken, nonce }: TokenRecord): { iss: string; sub: string; nonce: string } {
  const first = decodeJws(idToken).payload as { iss: string; sub: string; nonce?: string }; // verified when it came
  return { iss: first.iss, sub: first.sub, nonce: nonce || first.nonce || '' };
}

/** The old refresh token may be used up although the rest of the answer could not be checked yet. */
function keepingRotated(error: unknown, rotated: TokenRecord): unknown {
  return isOidcError(error) ? (Object.assign(error, { rotated }) as RotatedError) : error;
}

function withTimes(variables: Record<string, string>, renewAt: number): Record<string, string> {
  return variables.oidc_session_renews === undefined
    ? variables
    : { ...variables, oidc_session_renews: String(renewAt) };
}
