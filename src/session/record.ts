/**
 * What the gate reads on each request, in one small record. Times in seconds since 1970.
 * The names are short because the gate parses them each time.
 */
export interface SessionRecord {
  /** NGINX variables to set: claims that the configuration declares. */
  v: Record<string, string>;
  /** The absolute end. */
  e: number;
  /** Idle timeout, seconds. */
  i: number;
  /** Last time that a request was noted, to within an idle timeout's `touchShare`. */
  t: number;
  /** When to renew the tokens; 0 never. */
  r: number;
  /** When the tokens end: from then on requests wait for the renewal; 0 never. */
  x: number;
}

/** What the gate needs only for renewal, sign-out and `$access_token`: sealed under the browser's secret. */
export interface TokenRecord {
  idToken: string;
  accessToken: string;
  refreshToken: string;
  /** What a renewed ID token must repeat (OpenID Connect Core 12.2). */
  iss: string;
  sub: string;
  nonce: string;
}

/** A request is noted once in this share of the idle timeout, so that the gate need not write each time. */
const touchShare = 10;

export const sessionEntry = (key: string) => `s:${key}`;
export const tokenEntry = (key: string) => `t:${key}`;
export const lockEntry = (key: string) => `l:${key}`;
export const endedEntry = (key: string) => `x:${key}`;

export function isLive(record: SessionRecord, now: number): boolean {
  return now < record.e && now < record.t + record.i;
}

export function needsTouch(record: SessionRecord, now: number): boolean {
  return now - record.t >= record.i / touchShare;
}

/** Seconds that the records stay in the store if nobody comes back. */
export function timeToLive(record: SessionRecord, now: number): number {
  return Math.max(1, Math.min(record.e - now, record.t + record.i - now));
}
