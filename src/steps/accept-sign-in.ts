import { issuersOf } from '../config/issuer';
import { type AuthorizationResponse, checkResponseIssuer } from '../protocol/authorization-response';
import { oidcError } from '../protocol/errors';
import type { VerifiedIdToken } from '../protocol/id-token';
import type { JsonObject } from '../protocol/json';
import { authorizationCodeGrant } from '../protocol/token-request';
import type { TokenResponse } from '../protocol/token-response';
import { providerMetadata } from '../provider/metadata';
import { requestTokens } from '../provider/token-endpoint';
import { allClaims } from '../provider/userinfo';
import { verifyIdToken } from '../provider/verify-id-token';
import type { Login } from '../session/login';
import type { SessionRecord, TokenRecord } from '../session/record';
import { accessTokenEnd, renewalTimes } from '../session/renewal-times';
import { claimsBeside } from '../session/session-claims';
import type { Context } from '../visit/context';
import { checkStepUp } from './check-step-up';
import { providerError } from './provider-error';
import { sessionVariables } from './session-variables';

/** A sign-in that holds, and what its session is made of. */
export interface AcceptedSignIn {
  idToken: VerifiedIdToken;
  record: SessionRecord;
  kept: TokenRecord;
}

/** Looks on while a sign-in is checked: each is called once that step is done. */
export interface SignInWatch {
  response(response: AuthorizationResponse): void;
  tokens(tokens: TokenResponse): void;
  idToken(idToken: VerifiedIdToken): void;
  claims(all: JsonObject, idToken: VerifiedIdToken): void;
}

/**
 * Checks the response, changes its code for tokens, verifies the ID token and asks for the claims. Makes no session.
 * @throws what each of these throws
 */
export async function acceptSignIn(
  context: Context,
  response: AuthorizationResponse,
  login: Login,
  watch?: SignInWatch,
): Promise<AcceptedSignIn> {
  const { config, now } = context;
  const metadata = await providerMetadata(context);
  const issuers = config.tenants.length > 0 ? issuersOf(config) : undefined;
  checkResponseIssuer(response, metadata, config.profile !== '', issuers);
  if ('error' in response) {
    throw providerError(response.error, response.errorDescription || '');
  }
  watch?.response(response);
  const grant = authorizationCodeGrant({
    code: response.code,
    redirectUri: login.redirectUri,
    ...(login.verifier ? { codeVerifier: login.verifier } : {}),
  });
  const { dpopKey } = login;
  const tokens = await requestTokens(context, metadata, '/_token', grant, dpopKey);
  watch?.tokens(tokens);
  if (tokens.idToken === undefined) {
    throw oidcError('token_response_invalid', 'no id_token: is "openid" among $oidc_scopes?');
  }
  const { accessToken } = tokens;
  const idToken = await verifyIdToken(context, metadata, tokens.idToken, { nonce: login.nonce, accessToken });
  watch?.idToken(idToken);
  checkStepUp(idToken, login, config.clock_skew, now);
  const claims = await allClaims(context, metadata, idToken, accessToken, dpopKey);
  watch?.claims(claims, idToken);
  const { renewAt, expiresAt } = tokens.refreshToken
    ? renewalTimes(now, config.renew_before, tokens.expiresIn, idToken.exp)
    : { renewAt: 0, expiresAt: 0 };
  const limits = isKept(context, login)
    ? { timeout: config.keep_signed_in_timeout, idleTimeout: config.keep_signed_in_idle_timeout }
    : { timeout: config.session_timeout, idleTimeout: config.session_idle_timeout };
  const end = now + limits.timeout;
  const record = {
    ...sessionVariables(context, claims, end, renewAt),
    endsAt: end,
    idleTimeout: limits.idleTimeout,
    usedAt: now,
    renewAt,
    expiresAt,
    accessTokenEndsAt: accessTokenEnd(now, tokens.expiresIn),
    tokenSet: '',
  };
  const bound = dpopKey === undefined ? {} : { dpopKey };
  const kept = {
    idToken: idToken.raw,
    besideIdToken: claimsBeside(claims, idToken.claims),
    accessToken,
    refreshToken: tokens.refreshToken || '',
    nonce: '',
    ...bound,
  };
  return { idToken, record, kept };
}

/** Whether the session outlives the browser. */
export function isKept({ config }: Context, { keep }: Login): boolean {
  return config.keep_signed_in === 'always' || (config.keep_signed_in === 'ask' && keep === true);
}
