import type { DpopKey } from '../protocol/dpop';

/**
 * What a location wants besides claims, as letters: `a` the access token, `i` the ID token, `s` variables that only a
 * script within the same request can set, because `js_var` declares them and no `auth_request_set`; and what becomes of
 * the access token once it has expired: `d` it is dropped, `r` the request is refused, else it is passed on.
 */
export type Wants = string;

/** What the gate reads on each request, in one small record. Times in seconds since 1970. */
export interface SessionRecord {
  /** NGINX variables to set: claims that the configuration declares. */
  variables: Record<string, string>;
  /** What else the location wants, see `Wants`. */
  wants: Wants;
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
  /** When the access token ends, whether it can be renewed or not; 0 where nobody told. */
  accessTokenEndsAt: number;
  /** The set of tokens in the store, '' where there is none. */
  tokenSet: string;
  /** Where this is one machine's copy of a session that many share. */
  copy?: CopyState;
}

/** What a copy knows of itself. Times in seconds since 1970. */
export interface CopyState {
  /** Of the shared value that it was made of. */
  version: number;
  /** When the shared store said last that this is how it is. */
  checkedAt: number;
  /** Until then nobody has to ask. */
  freshUntil: number;
  /** When its tokens are forgotten: before, it is made anew. */
  keptUntil: number;
}

/** What the gate needs only for renewal, sign-out, `$access_token` and rules on claims: sealed under the browser's secret. */
export interface TokenRecord {
  idToken: string;
  /** Claims that the ID token does not have, see `claimsBeside`. */
  besideIdToken: string;
  accessToken: string;
  refreshToken: string;
  /** Of the authorization request, where the ID token does not tell it: a renewed one need not have it. */
  nonce: string;
  /** What the access token is bound to, missing where it is bound to nothing. */
  dpopKey?: DpopKey;
}

/** A request is noted once in this share of the idle timeout, so that the gate need not write each time. */
export const touchShare = 10;

export const sessionEntry = (key: string) => `s:${key}`;
export const lockEntry = (key: string) => `l:${key}`;
export const endedEntry = (key: string) => `x:${key}`;

/**
 * The record as the store has it, in lines, which every engine splits faster than it parses JSON: what the gate has to
 * look at, if it has nothing to do but to pass the variables on (see `gateLine`); the record's times, its set of tokens
 * and what the location wants, and of a copy what it knows of itself; then name and value of each variable.
 */
export function encodeRecord(record: SessionRecord): string {
  const { endsAt, idleTimeout, usedAt, renewAt, expiresAt, accessTokenEndsAt, tokenSet, wants, copy } = record;
  const times = [endsAt, idleTimeout, usedAt, renewAt, expiresAt, accessTokenEndsAt];
  const known = copy ? [copy.version, copy.checkedAt, copy.freshUntil, copy.keptUntil] : [];
  const lines = [gateLine(record), times.concat([tokenSet, wants] as unknown as number[], known).join(' ')];
  for (const name of Object.keys(record.variables)) {
    lines.push(name, (record.variables[name] as string).replace(/\n/g, ' '));
  }
  return lines.join('\n');
}

/** Reads what `encodeRecord` wrote; undefined for anything else. */
export function decodeRecord(text: string): SessionRecord | undefined {
  const lines = text.split('\n');
  const times = timesLine.exec(lines[1] || '');
  if (!/^[\d.]+( |$)/.test(lines[0] as string) || !times) {
    return undefined;
  }
  const variables: Record<string, string> = {};
  for (let line = firstVariable; line + 1 < lines.length; line += 2) {
    variables[lines[line] as string] = lines[line + 1] as string;
  }
  const [, endsAt, idleTimeout, usedAt, renewAt, expiresAt, accessTokenEndsAt, tokenSet, wants] = times;
  const [version, checkedAt, freshUntil, keptUntil] = times.slice(9).map(Number) as [number, number, number, number];
  const record = {
    variables,
    wants: wants as string,
    endsAt: Number(endsAt),
    idleTimeout: Number(idleTimeout),
    usedAt: Number(usedAt),
    renewAt: Number(renewAt),
    expiresAt: Number(expiresAt),
    accessTokenEndsAt: Number(accessTokenEndsAt),
    tokenSet: tokenSet as string,
  };
  return times[9] === undefined ? record : { ...record, copy: { version, checkedAt, freshUntil, keptUntil } };
}

const timesLine =
  /^([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) ([\w.-]*) (a?i?s?[dr]?)(?: (\d+) ([\d.]+) ([\d.]+) ([\d.]+))?$/;

/** The line at which names and values of the variables begin. */
export const firstVariable = 2;

/**
 * `UNTIL`: up to that time (seconds since 1970) the gate passes the variables on and has nothing else to do; 0 where it
 * cannot pass them on. With tokens to pass on as well: `UNTIL SET LETTERS`.
 */
function gateLine(record: SessionRecord): string {
  const { wants, tokenSet, accessTokenEndsAt, usedAt } = record;
  if (wants.indexOf('s') >= 0 || isWithheld(record, usedAt)) {
    return '0';
  }
  const until = withholds(record) ? Math.min(quietUntil(record), accessTokenEndsAt) : quietUntil(record);
  return wants === '' ? String(until) : `${until} ${tokenSet} ${wants}`;
}

function withholds({ wants, accessTokenEndsAt }: SessionRecord): boolean {
  return /a.*[dr]/.test(wants) && accessTokenEndsAt !== 0;
}

/** Whether the location wants an access token that has expired, and is not to have it ($oidc_expired_access_token). */
export function isWithheld(record: SessionRecord, now: number): boolean {
  return withholds(record) && now >= record.accessTokenEndsAt;
}

/** Until then the session is live, its use noted often enough, its tokens are not to be renewed, and a copy is to be trusted. */
function quietUntil(record: SessionRecord): number {
  const untouched = record.usedAt + Math.min(record.idleTimeout, Math.ceil(record.idleTimeout / touchShare));
  const trusted = record.copy ? record.copy.freshUntil : record.endsAt;
  return Math.min(record.endsAt, untouched, record.renewAt || record.endsAt, trusted);
}

export function isLive(record: SessionRecord, now: number): boolean {
  return now < record.endsAt && now < record.usedAt + record.idleTimeout;
}

export function isRenewalDue(record: SessionRecord, now: number): boolean {
  return record.renewAt !== 0 && now >= record.renewAt;
}

export function needsTouch(record: SessionRecord, now: number): boolean {
  return now - record.usedAt >= record.idleTimeout / touchShare;
}

/** Seconds that the records stay in the store if nobody comes back. */
export function timeToLive(record: SessionRecord, now: number): number {
  return Math.max(1, Math.min(record.endsAt - now, record.usedAt + record.idleTimeout - now));
}
