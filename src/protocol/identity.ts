import { type JsonObject, stringMember } from './json';
import { decodeJws } from './jws';

/** Who signed in, and in which session at the provider. */
export interface Identity {
  iss: string;
  sub: string;
  sid?: string;
}

/** The identity in an ID token that was verified when it came; undefined for what is none. */
export function identityOf(idToken: string): Identity | undefined {
  return identityIn(decodeJws(idToken).payload);
}

/** @param claims of a verified ID token */
export function identityIn(claims: JsonObject): Identity | undefined {
  const [iss, sub, sid] = ['iss', 'sub', 'sid'].map((name) => stringMember(claims, name));
  if (iss === undefined || sub === undefined) {
    return undefined;
  }
  return sid === undefined ? { iss, sub } : { iss, sub, sid };
}
