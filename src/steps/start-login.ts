import { redirect } from '../browser/respond';
import { count } from '../nginx/metrics';
import { authorizationParameters } from '../protocol/authorization-request';
import type { ProviderMetadata } from '../protocol/discovery';
import { dpopJkt } from '../protocol/dpop';
import { oidcError } from '../protocol/errors';
import { codeChallengeS256, createCodeVerifier } from '../protocol/pkce';
import { randomToken } from '../protocol/random';
import { isAnySignIn, type StepUp } from '../protocol/step-up';
import { authorizationRequestUrl } from '../provider/authorization-request';
import { newDpopKey } from '../provider/dpop';
import { loginCookieName, loginCookiePrefix, sealLogin, superfluousLogins } from '../session/login';
import { redirectUri, type Visit } from '../visit/visit';
import { requestAddress, usualRequest } from './hosted-request';

/** What a login may ask for besides the usual. */
export interface LoginWish {
  /** Who it may be. */
  loginHint?: string | undefined;
  /** What the sign-in has to be, which the login remembers and the callback checks. */
  stepUp?: (StepUp & { prompt?: 'login' }) | undefined;
  /** To stay signed in after closing the browser. */
  keep?: boolean | undefined;
  /** Makes no session, but a report; see `Login`. */
  dryRun?: string | undefined;
}

/** Sends the browser to the provider, with a login cookie that remembers `path`. */
export async function startLogin(
  context: Visit,
  metadata: ProviderMetadata,
  path: string,
  wish: LoginWish = {},
): Promise<void> {
  const parameters = await newLogin(context, metadata, path, wish);
  const addressOf = (pairs: [string, string][]) => requestAddress(context, metadata, pairs);
  redirect(context.r, await authorizationRequestUrl(context, metadata, parameters, addressOf));
  count('oidc_sign_ins_started_total');
}

/** Begins a login: its cookie, and the parameters of its authorization request. */
export async function newLogin(
  context: Visit,
  metadata: ProviderMetadata,
  path: string,
  { loginHint, stepUp, keep, dryRun }: LoginWish = {},
): Promise<[string, string][]> {
  const { config } = context;
  if (config.profile !== '' && !context.secure) {
    throw oidcError(
      'config_invalid',
      `$oidc_profile ${config.profile}: people reach this site by http; listen ... ssl, or set $oidc_base_url to its https address`,
    );
  }
  const state = randomToken(32);
  const nonce = randomToken(32);
  const verifier = config.pkce_enable ? createCodeVerifier() : '';
  const dpopKey = config.dpop ? await newDpopKey(metadata) : '';
  const bound = dpopKey === '' ? {} : { dpopKey };
  const login = { nonce, verifier, path, redirectUri: redirectUri(context), began: context.now, ...bound };
  const asked = stepUp && !isAnySignIn(stepUp) ? { stepUp } : {};
  const parameters = authorizationParameters({
    ...usualRequest(context, metadata),
    state,
    nonce,
    ...(loginHint === undefined ? {} : { loginHint }),
    ...asked,
    ...(verifier ? { codeChallenge: await codeChallengeS256(verifier) } : {}),
    ...(dpopKey ? { dpopJkt: await dpopJkt(dpopKey) } : {}),
  });
  for (const name of superfluousLogins(openLogins(context))) {
    context.setCookie(name, '', 0);
  }
  const sealed = await sealLogin(
    { ...login, ...asked, ...(keep ? { keep: true } : {}), ...(dryRun === undefined ? {} : { dryRun }) },
    state,
    context.realm,
    config.hmac_key,
  );
  context.setCookie(loginCookieName(state), sealed, config.login_timeout);
  return parameters;
}

function openLogins(context: Visit): { name: string; value: string }[] {
  const prefix = context.secure ? '__Host-' : '';
  return context.cookies
    .filter((cookie) => cookie.name.startsWith(prefix + loginCookiePrefix))
    .map((cookie) => ({ name: cookie.name.slice(prefix.length), value: cookie.value }));
}
