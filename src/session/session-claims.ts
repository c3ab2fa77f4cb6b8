import { type JsonObject, parseJsonObject } from '../protocol/json';
import { decodeJws } from '../protocol/jws';
import type { TokenRecord } from './record';

// All that was said of a person, exactly as it was said, for rules. The ID token is kept anyway; beside it, as JSON, only
// what it does not say.

/** How and when the person signed in: the ID token's word alone, also where a renewed one does not repeat it. */
const ofSignIn = ['acr', 'amr', 'auth_time'];

/**
 * What is to be kept beside an ID token.
 * @param all claims of the ID token and of UserInfo
 * @param idToken claims of the ID token alone
 * @param before at a renewal: the claims of the session till now
 * @returns JSON, '' for nothing
 */
export function claimsBeside(all: JsonObject, idToken: JsonObject, before: JsonObject = {}): string {
  const beside: JsonObject = {};
  for (const name of Object.keys(all)) {
    if (idToken[name] === undefined && ofSignIn.indexOf(name) < 0) {
      beside[name] = all[name];
    }
  }
  for (const name of ofSignIn) {
    if (before[name] !== undefined && (idToken[name] === undefined || isLater(name, idToken[name], before[name]))) {
      beside[name] = before[name];
    }
  }
  return Object.keys(beside).length === 0 ? '' : JSON.stringify(beside);
}

/** A renewal is no sign-in: the first time counts (OpenID Connect Core 12.2). */
function isLater(name: string, value: unknown, before: unknown): boolean {
  return name === 'auth_time' && typeof value === 'number' && typeof before === 'number' && value > before;
}

/** The claims of a session, those of the ID token before all others. */
export function sessionClaims({ idToken, besideIdToken }: Pick<TokenRecord, 'idToken' | 'besideIdToken'>): JsonObject {
  const own = decodeJws(idToken).payload; // verified when it came
  const beside = (besideIdToken && parseJsonObject(besideIdToken)) || {};
  const claims = { ...beside, ...own };
  if (isLater('auth_time', own.auth_time, beside.auth_time)) {
    claims.auth_time = beside.auth_time;
  }
  return claims;
}
