/** What the gate reads on each request, in one small record. Times in seconds since 1970. */
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
  /** The set of tokens in the store, '' where there is none. */
  k: string;
}

/** What the gate needs only for renewal, sign-out and `$access_token`: sealed under the browser's secret. */
export interface TokenRecord {
  idToken: string;
  accessToken: string;
  refreshToken: string;
  /** Of the authorization request, where the ID token does not tell it: a renewed one need not have it. */
  nonce: string;
}

/** A request is noted once in this share of the idle timeout, so that the gate need not write each time. */
const touchShare = 10;

export const sessionEntry = (key: string) => `s:${key}`;
export const lockEntry = (key: string) => `l:${key}`;
export const endedEntry = (key: string) => `x:${key}`;

/**
 * The record as the store has it, in lines, which every engine splits faster than it parses JSON: the moment up to
 * which the gate has nothing to look at but this line; the record's times and its set of tokens; then name and value of each variable.
 */
export function encodeRecord(record: SessionRecord): string {
  const lines = [String(quietUntil(record)), [record.e, record.i, record.t, record.r, record.x, record.k].join(' ')];
  for (const name of Object.keys(record.v)) {
    lines.push(name, (record.v[name] as string).replace(/\n/g, ' '));
  }
  return lines.join('\n');
}

/** Reads what `encodeRecord` wrote; undefined for anything else. */
export function decodeRecord(text: string): SessionRecord | undefined {
  const lines = text.split('\n');
  if (!/^[\d.]+$/.test(lines[0] as string) || !/^[\d.]+( [\d.]+){4} [\w.-]*$/.test(lines[1] || '')) {
    return undefined;
  }
  const fields = (lines[1] as string).split(' ');
  const [e, i, t, r, x] = fields.map(Number) as [number, number, number, number, number];
  const v: Record<string, string> = {};
  for (let line = 2; line + 1 < lines.length; line += 2) {
    v[lines[line] as string] = lines[line + 1] as string;
  }
  return { v, e, i, t, r, x, k: fields[5] as string };
}

/** Until then the session is live, noted often enough and not to be renewed. */
function quietUntil(record: SessionRecord): number {
  const untouched = record.t + Math.min(record.i, Math.ceil(record.i / touchShare));
  return Math.min(record.e, untouched, record.r || record.e);
}

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
