// The audit log: JSON, a line for each event, in $oidc_audit, which an access_log of NGINX writes at the end of the request.

import hashes from 'crypto';
import type { ErrorCode } from '../protocol/errors';
import type { SignOutKind } from './metric-table';
import { referenceOf } from './reference';

/** What docs/audit-log.md explains. */
export type AuditEventName =
  | 'sign_in'
  | 'step_up'
  | 'sign_in_refused'
  | 'renewal_refused'
  | 'sign_out'
  | 'sign_out_refused'
  | 'denied'
  | 'token_refused';

/** Something that happened. */
export interface AuditEvent {
  readonly event: AuditEventName;
  /** Why; missing for what went well. */
  readonly code?: ErrorCode | undefined;
  /** Of a sign-out: who asked for it. */
  readonly kind?: SignOutKind;
  /** Who it was, as far as that is known. */
  readonly iss?: string | undefined;
  readonly sub?: string | undefined;
  /** The store's key of the session. */
  readonly session?: string | undefined;
  /** The keys of those that ended, or gave way to this one. */
  readonly ended?: readonly string[];
}

/** How people and sessions are named in it. */
export interface AuditNames {
  readonly hmacKey: string;
  readonly subject: 'hash' | 'clear' | 'none';
}

/** As many sessions are named; how many ended is told in any case. */
const mostNamed = 256;
/** A longer one is hashed. OpenID Connect Core section 2 has 255. */
const longestSub = 255;

/** The line of an event, without a line break. Sessions are keyed hashes of their keys in the store. */
export function auditLine(r: NginxHTTPRequest, one: AuditEvent, { hmacKey, subject }: AuditNames, time: Date): string {
  const { event, code, kind, iss, sub, session, ended } = one;
  // Without the key nothing is set up, and nobody has a session.
  const keyed = (what: string) =>
    hmacKey === '' ? undefined : hashes.createHmac('sha256', hmacKey).update(what).digest('base64url').slice(0, 22);
  const ofSession = (key: string) => keyed(`audit session\n${key}`);
  const isClear = subject === 'clear' && sub !== undefined && sub.length <= longestSub;
  return JSON.stringify({
    time: time.toISOString(),
    event,
    code: code || 'ok',
    kind,
    client: r.variables.remote_addr || '',
    issuer: iss,
    subject:
      sub === undefined || subject === 'none' ? undefined : isClear ? sub : keyed(`audit subject\n${iss}\n${sub}`),
    session: session && ofSession(session),
    ended: ended && ended.length,
    sessions: ended && ended.slice(0, mostNamed).map(ofSession),
    request: referenceOf(r),
  });
}

/** Adds a line to those of this request. */
export function audit(r: NginxHTTPRequest, one: AuditEvent, names: AuditNames): void {
  try {
    const before = r.variables.oidc_audit;
    const line = auditLine(r, one, names, new Date());
    r.variables.oidc_audit = before ? `${before}\n${line}` : line;
  } catch {
    // Not declared: an openid_connect.server_conf that is older than this script, or that of NGINX Plus.
  }
}
