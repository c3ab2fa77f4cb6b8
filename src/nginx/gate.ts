import type { SessionRecord } from '../session/record';
import { withoutOwnCookies } from './cookies';

// The gate's verdicts. auth_request lets a request pass on 2xx, stops it on 401, and fails closed on all else.

/** Signed in: sets the variables of the location. */
export function allow(r: NginxHTTPRequest, record: SessionRecord): void {
  const variables: string[] = [];
  for (const name of Object.keys(record.v)) {
    variables.push(name, record.v[name] as string);
  }
  allowWith(r, variables, 0);
}

/**
 * `allow` for what is at hand as lines of the record.
 * @param variables names and values by turns, beginning at index `first`
 */
export function allowWith(r: NginxHTTPRequest, variables: string[], first: number): void {
  const v = r.variables;
  for (let at = first; at + 1 < variables.length; at += 2) {
    try {
      v[variables[at] as string] = variables[at + 1];
    } catch {
      // The configuration declared this variable when the session began, and does not any more.
    }
  }
  v.oidc_app_cookies = withoutOwnCookies(v.http_cookie || '');
  r.return(204);
}

/** Not signed in: @do_oidc_flow starts a login. */
export function deny(r: NginxHTTPRequest): void {
  r.return(401);
}

/** Cannot tell: denied, and @do_oidc_flow shows this error instead of starting a login that might loop. */
export function fail(r: NginxHTTPRequest, error: unknown): void {
  const { code, detail, message } = error as { code?: string; detail?: string; message?: string };
  r.variables.oidc_gate_error = `${code || 'internal'} ${detail || message || error}`;
  r.return(401);
}
