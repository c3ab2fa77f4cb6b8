import { oidcError } from './errors';
import { type Expected, type Rule, sharedRules } from './id-token';
import { isJsonObject, type JsonObject } from './json';
import { isJwe } from './jwe';
import { decodeJws, type Jws, type VerifiedJws } from './jws';
import { parseParameters } from './parameters';
import { printable } from './text';

declare const claimsValidated: unique symbol;
/** A logout token that holds: signature and every claim. Only `validateLogoutToken` makes it. */
export interface VerifiedLogoutToken {
  readonly iss: string;
  /** The session at the provider that has ended. */
  readonly sid?: string;
  /** The person; without `sid` all of this person's sessions end. */
  readonly sub?: string;
  readonly jti: string;
  /** From then on it would be refused for its age: seconds since 1970. */
  readonly until: number;
  readonly [claimsValidated]: true;
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
/** A provider signs the token when somebody signs out, and says so at once (s). */
const oldest = 600;
const longest = 255;

/**
 * The logout token of a request (Back-Channel Logout 1.0 section 2.5), taken apart, nothing in it to be believed yet; as it
 * is where it is encrypted. Whatever cannot be one is refused here, before anything is looked up for it.
 * @param body the form as it came
 * @throws logout_invalid
 */
export function logoutTokenIn(contentType: string, body: string): Jws | string {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType)) {
    throw invalid(`the content type is "${printable(contentType, 100)}", not application/x-www-form-urlencoded`);
  }
  const token = parseParameters(body)?.logout_token;
  if (!token) {
    throw invalid('the form has no logout_token, or more than one');
  }
  return isJwe(token) ? token : logoutJws(token);
}

/** One that is not encrypted, or not any more. Throws logout_invalid. */
export function logoutJws(token: string): Jws {
  const jws = decoded(token);
  const type = (jws.header.typ || 'JWT').toLowerCase().replace(/^application\//, '');
  if (type !== 'jwt' && type !== 'logout+jwt') {
    throw invalid(`"typ" is "${printable(type, 80)}", not logout+jwt`);
  }
  return jws;
}

/** Back-Channel Logout 1.0 section 2.6, in the order in which they are checked. */
const rules: Rule[] = sharedRules.concat([age, event, whom, noNonce, identifier]);

/**
 * Checks every claim of a logout token whose signature holds.
 * @throws logout_invalid, naming the claim
 */
export function validateLogoutToken(
  jws: VerifiedJws,
  expected: Pick<Expected, 'issuer' | 'clientId' | 'now' | 'clockSkew'>,
): VerifiedLogoutToken {
  const claims = jws.payload;
  for (const rule of rules) {
    const problem = rule(claims, expected);
    if (problem !== undefined) {
      throw invalid(problem);
    }
  }
  const { iss, sid, sub, jti, exp, iat } = claims as { iss: string; exp: number; iat: number } & JsonObject;
  const until = Math.min(exp, iat + oldest);
  return {
    iss,
    ...(sid === undefined ? {} : { sid }),
    ...(sub === undefined ? {} : { sub }),
    jti,
    until,
  } as unknown as VerifiedLogoutToken;
}

function decoded(token: string): Jws {
  try {
    return decodeJws(token, 'logout token');
  } catch (error) {
    throw logoutErrorOf(error);
  }
}

/** What is wrong with a JWS, as an error of a logout; any other error stays what it is. */
export function logoutErrorOf(error: unknown): unknown {
  const { code, detail } = error as { code?: string; detail?: string };
  return code !== undefined && /^(?:id_token_|unknown_key|decryption_failed)/.test(code)
    ? invalid(String(detail))
    : error;
}

const invalid = (problem: string) => oidcError('logout_invalid', `back-channel logout: ${problem}`);

function age({ iat }: JsonObject, { now, clockSkew }: Expected) {
  return now - Number(iat) <= oldest + clockSkew ? undefined : `the token is older than ${oldest} s: "iat" is ${iat}`;
}

function event({ events }: JsonObject) {
  const members = isJsonObject(events) ? Object.keys(events) : [];
  const isLogout = members.length === 1 && members[0] === logoutEvent;
  return isLogout && isJsonObject((events as JsonObject)[logoutEvent])
    ? undefined
    : `"events" is not just ${logoutEvent}`;
}

function whom({ sub, sid }: JsonObject) {
  const names = (value: unknown) => typeof value === 'string' && value !== '' && value.length <= longest;
  const isName = (value: unknown) => value === undefined || names(value);
  return (names(sub) || names(sid)) && isName(sub) && isName(sid)
    ? undefined
    : `neither "sid" nor "sub" is a text of 1 to ${longest} characters, or one of them is something else`;
}

/** What keeps an ID token from being one of these. */
function noNonce(claims: JsonObject) {
  return Object.prototype.hasOwnProperty.call(claims, 'nonce') ? 'there is a "nonce"' : undefined;
}

function identifier({ jti }: JsonObject) {
  return typeof jti === 'string' && jti !== '' && jti.length <= longest
    ? undefined
    : `"jti" is not a text of 1 to ${longest} characters`;
}
