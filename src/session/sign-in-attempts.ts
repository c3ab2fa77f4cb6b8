/**
 * Counts the sign-ins that a browser came back from, in a cookie, to notice that they lead nowhere: a browser that
 * came back from the provider time after time and still is not signed in. Losing or forging it only harms its owner.
 */
export interface Attempts {
  count: number;
  /** When the first of them came back, seconds since 1970. */
  since: number;
  /** Reference id of the last error, '' when each seemed to succeed. */
  lastError: string;
}

export const attemptsCookieName = 'oidc_attempts';
/** Seconds after which counting starts again. */
export const attemptsWindow = 60;
const mostAttempts = 5;

export function parseAttempts(value: string | undefined, now: number): Attempts {
  const match = /^(\d{1,4})\.(\d{1,12})\.([0-9a-f]{0,32})$/.exec(value || '');
  const since = match ? Number(match[2]) : 0;
  return match && now - since >= 0 && now - since <= attemptsWindow
    ? { count: Number(match[1]), since, lastError: match[3] || '' }
    : { count: 0, since: now, lastError: '' };
}

export function formatAttempts(attempts: Attempts): string {
  return `${attempts.count}.${attempts.since}.${attempts.lastError}`;
}

export function oneMore(attempts: Attempts, error: string): Attempts {
  return { count: attempts.count + 1, since: attempts.since, lastError: error };
}

export function isLoop(attempts: Attempts): boolean {
  return attempts.count >= mostAttempts;
}
