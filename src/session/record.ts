/** What the gate reads on each request, in one small record. Times in seconds since 1970. */
export interface SessionRecord {
  /** NGINX variables to set: claims that the configuration declares. */
  variables: Record<string, string>;
  /** The absolute end. */
  endsAt: number;
  /** Idle timeout, seconds. */
  idleTimeout: number;
  /** Last time that a request was noted, to within an idle timeout's `touchShare`. */
  usedAt: number;
  /** When to renew the tokens; 0 never. */
  renewAt: number;
  /** When the tokens end: from then on requests wait for the renewal; 0 never. */
  expiresAt: number;
  /** The set of tokens in the store, '' where there is none. */
  tokenSet: string;
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
  const lines = [
    String(quietUntil(record)),
    [record.endsAt, record.idleTimeout, record.usedAt, record.renewAt, record.expiresAt, record.tokenSet].join(' '),
  ];
  for (const name of Object.keys(record.variables)) {
    lines.push(name, (record.variables[name] as string).replace(/\n/g, ' '));
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
  return {
    variables: v,
    endsAt: e,
    idleTimeout: i,
    usedAt: t,
    renewAt: r,
    expiresAt: x,
    tokenSet: fields[5] as string,
  };
}

/** Until then the session is live, noted often enough and not to be renewed. */
function quietUntil(record: SessionRecord): number {
  const untouched = record.usedAt + Math.min(record.idleTimeout, Math.ceil(record.idleTimeout / touchShare));
  return Math.min(record.endsAt, untouched, record.renewAt || record.endsAt);
}

export function isLive(record: SessionRecord, now: number): boolean {
  return now < record.endsAt && now < record.usedAt + record.idleTimeout;
}

export function needsTouch(record: SessionRecord, now: number): boolean {
  return now - record.usedAt >= record.idleTimeout / touchShare;
}

/** Seconds that the records stay in the store if nobody comes back. */
export function timeToLive(record: SessionRecord, now: number): number {
  return Math.max(1, Math.min(record.endsAt - now, record.usedAt + record.idleTimeout - now));
}
