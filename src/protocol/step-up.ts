// How recently, and how well, a person must have signed in (OpenID Connect Core 3.1.2.1, RFC 9470).

import type { JsonObject } from './json';

/** What is asked of a sign-in, beyond that it is one. */
export interface StepUp {
  /** Authentication context class references, the best first; one of them will do, and none means any. */
  readonly acrValues: readonly string[];
  /** Seconds that may have gone by since the person signed in at the provider; undefined: any. */
  readonly maxAge: number | undefined;
}

const longestAge = 31536000;

/** Throws an Error whose message says what is wrong. */
export function parseAcrValues(text: string): string[] {
  const values = text.split(/[ \t\r\n]+/).filter((value) => value !== '');
  if (values.some((value) => !/^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/.test(value)) || values.length > 20) {
    throw new Error('must be up to 20 names of visible ASCII characters, without quotes, separated by spaces');
  }
  if (values.length === 0 && text !== '') {
    throw new Error('has only blanks in it');
  }
  return values;
}

/** Throws an Error whose message says what is wrong. */
export function parseMaxAge(text: string): number | undefined {
  const seconds = /^\d{1,8}$/.test(text) ? Number(text) : 0;
  if (text !== '' && (seconds < 1 || seconds > longestAge)) {
    throw new Error(`must be whole seconds from 1 to ${longestAge}`);
  }
  return text === '' ? undefined : seconds;
}

/**
 * What a sign-in lacks: undefined where it does.
 * @param claims of a verified ID token
 * @param now seconds since 1970
 */
export function lackOf(
  { acrValues, maxAge }: StepUp,
  claims: JsonObject,
  now: number,
): 'acr' | 'auth_time' | undefined {
  const { acr } = claims;
  if (acrValues.length > 0 && (typeof acr !== 'string' || acrValues.indexOf(acr) < 0)) {
    return 'acr';
  }
  return now < freshUntil(maxAge, claims) ? undefined : 'auth_time';
}

/** Whether any sign-in will do. */
export function isAnySignIn({ acrValues, maxAge }: StepUp): boolean {
  return acrValues.length === 0 && maxAge === undefined;
}

/** Until when (seconds since 1970) the sign-in is recent enough; 0 where nobody told when it was. */
export function freshUntil(maxAge: number | undefined, claims: JsonObject): number {
  const at = claims.auth_time;
  if (maxAge === undefined) {
    return Number.POSITIVE_INFINITY;
  }
  return typeof at === 'number' && at > 0 ? at + maxAge : 0;
}

/** The same in the words of the protocol: of an authorization request, and of a challenge (RFC 9470 section 3). */
export function stepUpParameters({ acrValues, maxAge }: StepUp): [string, string][] {
  const acr: [string, string][] = acrValues.length > 0 ? [['acr_values', acrValues.join(' ')]] : [];
  return maxAge === undefined ? acr : acr.concat([['max_age', String(maxAge)]]);
}
