import { oidcError } from './errors';
import { parseParameters } from './parameters';

/** Which sessions an operator wants to end; the time in seconds since 1970. */
export type SessionsToEnd = { sub: string } | { sid: string } | { begunBefore: number };

/**
 * Reads the form of a POST to /_oidc_sessions, which must name one of `sub`, `sid` and `began_before`.
 * @throws logout_invalid
 */
export function parseSessionsToEnd(form: string): SessionsToEnd {
  const parameters = parseParameters(form);
  const names = Object.keys(parameters || {});
  const value = parameters?.[names[0] as string];
  if (names.length === 1 && value) {
    if (names[0] === 'sub') {
      return { sub: value };
    }
    if (names[0] === 'sid') {
      return { sid: value };
    }
    if (names[0] === 'began_before' && /^\d{1,10}$/.test(value)) {
      return { begunBefore: Number(value) };
    }
  }
  throw oidcError('logout_invalid', 'send one of sub, sid and began_before (seconds since 1970: date +%s)');
}
