// A browser that comes back from the provider again and again, and is never signed in.

import { note } from '../browser/page-texts';
import { count } from '../nginx/metrics';
import { oidcError } from '../protocol/errors';
import {
  attemptsCookieName,
  attemptsWindow,
  formatAttempts,
  isLoop,
  oneMore,
  parseAttempts,
} from '../session/sign-in-attempts';
import type { Visit } from '../visit/visit';

/** Notes in a cookie that a sign-in came back: `error` is its reference, '' for a success. */
export function countAttempt(context: Visit, error: string): void {
  const attempts = oneMore(parseAttempts(context.cookie(attemptsCookieName), context.now), error);
  context.setCookie(attemptsCookieName, formatAttempts(attempts), attemptsWindow);
}

/** Throws login_loop for a browser that came back from the provider again and again. */
export function stopLoop(context: Visit): void {
  const attempts = parseAttempts(context.cookie(attemptsCookieName), context.now);
  if (!isLoop(attempts)) {
    return;
  }
  count('oidc_login_loops_total');
  const cause = attempts.lastError
    ? `the last error has the reference ${attempts.lastError}`
    : 'each sign-in succeeded, but the browser did not send the session cookie back: is it blocked, or the site reached under another address than $oidc_base_url?';
  throw Object.assign(oidcError('login_loop', `${attempts.count} sign-ins in a minute: ${cause}`), {
    note: attempts.lastError
      ? note('The reference of the last error is {reference}.', { reference: attempts.lastError })
      : note('Each sign-in succeeded, but the browser did not keep the session. Are cookies blocked for this site?'),
  });
}
