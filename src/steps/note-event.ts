// What happened, for those who count and those who must prove it later: /_oidc_metrics and the audit log.

import { readSetting } from '../config/config';
import { type AuditEvent, audit } from '../nginx/audit';
import type { SignOutKind } from '../nginx/metric-table';
import { count, countMany } from '../nginx/metrics';
import { variableOf } from '../nginx/variable';
import { type ErrorCode, isOidcError } from '../protocol/errors';
import type { DeniedError } from './verify-bearer';

/** Who somebody is, as a verified token says. */
interface Person {
  readonly iss: string;
  readonly sub: string;
}

/**
 * Somebody signed in.
 * @param session its key
 * @param replaced the keys of those that it takes the place of in this browser
 * @param isStepUp once more, because a location demanded it
 */
export function noteSignIn(
  r: NginxHTTPRequest,
  { iss, sub }: Person,
  session: string,
  replaced: string[],
  isStepUp: boolean,
): void {
  count('oidc_sign_ins_total', 'ok');
  write(r, { event: isStepUp ? 'step_up' : 'sign_in', iss, sub, session, ended: replaced });
}

/** Somebody came back from the provider, and did not get in. */
export function noteRefusedCallback(r: NginxHTTPRequest, error: unknown): void {
  const code = codeOf(error);
  count('oidc_sign_ins_total', code);
  write(r, { event: 'sign_in_refused', code });
}

/** Nobody is sent to the provider for this. */
export function noteRefusedLogin(r: NginxHTTPRequest, error: unknown): void {
  write(r, { event: 'sign_in_refused', code: codeOf(error) });
}

export function noteRenewal(): void {
  count('oidc_renewals_total', 'ok');
}

/** @param ended the session that is over for it, and whose it was */
export function noteFailedRenewal(
  r: NginxHTTPRequest,
  error: unknown,
  ended?: { session: string; person: Person | undefined },
): void {
  const code = codeOf(error);
  count('oidc_renewals_total', code);
  if (ended) {
    const { session, person } = ended;
    write(r, { event: 'renewal_refused', code, iss: person?.iss, sub: person?.sub, session });
  }
}

/** @param ended the keys of the sessions that are over */
export function noteSignOut(
  r: NginxHTTPRequest,
  kind: SignOutKind,
  ended: string[],
  person: { iss?: string | undefined; sub?: string | undefined } = {},
): void {
  count('oidc_sign_outs_total', kind);
  countMany(ended.length, 'oidc_sessions_ended_total', kind);
  write(r, { event: 'sign_out', kind, iss: person.iss, sub: person.sub, ended });
}

export function noteRefusedSignOut(r: NginxHTTPRequest, kind: SignOutKind, error: unknown): void {
  write(r, { event: 'sign_out_refused', kind, code: codeOf(error) });
}

/** A rule that somebody does not meet who is signed in. */
export function noteDenial(r: NginxHTTPRequest, session: string, person: Person | undefined): void {
  write(r, { event: 'denied', code: 'not_allowed', iss: person?.iss, sub: person?.sub, session });
}

/** An access token that may pass. */
export function noteToken(): void {
  count('oidc_bearer_checks_total', 'ok');
}

export function noteRefusedToken(r: NginxHTTPRequest, error: unknown): void {
  const code = codeOf(error);
  count('oidc_bearer_checks_total', code);
  if (code === 'bearer_scope_missing') {
    count('oidc_denials_total', 'scope');
  }
  const isDenied = code === 'bearer_scope_missing' || code === 'not_allowed';
  const person = (error as DeniedError).person;
  write(r, { event: isDenied ? 'denied' : 'token_refused', code, iss: person?.iss, sub: person?.sub });
}

function codeOf(error: unknown): ErrorCode {
  return isOidcError(error) ? error.code : 'internal';
}

function write(r: NginxHTTPRequest, event: AuditEvent): void {
  const variable = variableOf(r);
  try {
    const iss = event.iss || readSetting('issuer', variable) || undefined;
    audit(
      r,
      { ...event, iss },
      { hmacKey: readSetting('hmac_key', variable), subject: readSetting('audit_subject', variable) },
    );
  } catch {
    audit(r, { ...event, iss: undefined }, { hmacKey: '', subject: 'none' });
  }
}
