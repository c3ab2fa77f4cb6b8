import type { DpopKey } from '../protocol/dpop';
import type { StepUp } from '../protocol/step-up';
import { open, type Seal, seal } from './seal';

/**
 * A login in progress: what must come back from the provider, and where the person wanted to go. It travels in a
 * cookie of its own, one per login, sealed; the server keeps nothing for people who have not signed in.
 */
export interface Login {
  nonce: string;
  /** PKCE code verifier, '' when PKCE is off. */
  verifier: string;
  /** Path and query on the own origin. */
  path: string;
  /** The redirect URI that the authorization request named; the token request must repeat it. */
  redirectUri: string;
  /** When it began, seconds since 1970. */
  began: number;
  /** The key that the tokens will be bound to, if any. */
  dpopKey?: DpopKey;
  /** What the sign-in must be to do, where the location that it began at demands something. */
  stepUp?: StepUp;
  /** The person wants to stay signed in after closing the browser. */
  keep?: true;
}

/** What the cookies of one browser's open logins may take; the oldest make room. NGINX reads 8 KB in one header line. */
const mostLogins = 12;
const mostBytes = 5000;

/** The cookie's name, without prefix: it tells which login belongs to a `state`, and tells nothing of the rest. */
export function loginCookieName(state: string): string {
  return loginCookiePrefix + state.slice(0, 16);
}
export const loginCookiePrefix = 'oidc_login_';

const sealOf = (hmacKey: string): Seal => ({ purpose: 'login', secret: hmacKey });

/**
 * The cookie's value: the time it began in clear, to find the oldest, and the sealed rest.
 * It opens only together with `state` and in the same realm.
 */
export async function sealLogin(login: Login, state: string, realm: string, hmacKey: string): Promise<string> {
  const { nonce, verifier, path, redirectUri, began, dpopKey, stepUp, keep } = login;
  const parts: unknown[] = [nonce, verifier, path, redirectUri, began, dpopKey || null];
  if (stepUp || keep) {
    parts.push(stepUp ? stepUp.acrValues : null, (stepUp && stepUp.maxAge) || 0, keep ? 1 : 0);
  }
  return `${login.began.toString(36)}.${await seal(sealOf(hmacKey), `${state}\n${realm}`, JSON.stringify(parts))}`;
}

/**
 * The login that a callback's `state` belongs to; undefined if the value was not made here for this state and this
 * realm, or began more than `timeout` seconds before `now`.
 */
export async function openLogin(
  value: string,
  state: string,
  realm: string,
  hmacKey: string,
  timeout: number,
  now: number,
): Promise<Login | undefined> {
  const text = await open(sealOf(hmacKey), `${state}\n${realm}`, value.slice(value.indexOf('.') + 1));
  if (text === undefined) {
    return undefined;
  }
  const [nonce, verifier, path, redirectUri, began, dpopKey, acrValues, maxAge, keep] = JSON.parse(text) as [
    ...[nonce: string, verifier: string, path: string, redirectUri: string, began: number],
    ...[dpopKey?: DpopKey | null, acrValues?: string[] | null, maxAge?: number, keep?: number],
  ];
  if (now - began > timeout) {
    return undefined;
  }
  const login: Login = { nonce, verifier, path, redirectUri, began };
  if (dpopKey) {
    login.dpopKey = dpopKey;
  }
  if (acrValues) {
    login.stepUp = { acrValues, maxAge: maxAge || undefined };
  }
  if (keep) {
    login.keep = true;
  }
  return login;
}

/** The names of the login cookies to delete so that one more fits: the oldest ones, not more than an answer can carry. */
export function superfluousLogins(cookies: { name: string; value: string }[]): string[] {
  const began = (value: string) => parseInt(value, 36) || 0;
  let bytes = 0;
  return cookies
    .slice()
    .sort((a, b) => began(b.value) - began(a.value))
    .filter((cookie, index) => {
      bytes += cookie.name.length + cookie.value.length;
      return index >= mostLogins - 1 || bytes > mostBytes;
    })
    .slice(-mostLogins)
    .map((cookie) => cookie.name);
}
