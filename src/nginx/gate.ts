// The gate's verdicts. auth_request lets a request pass on 2xx, stops it on 401, and fails closed on all else.

/** Signed in: sets the variables of the location. */
export function allow(r: NginxHTTPRequest, variables: Record<string, string>, otherCookies: string): void {
  const pairs: string[] = [];
  for (const name of Object.keys(variables)) {
    pairs.push(name, variables[name] as string);
  }
  allowWith(r, r.variables, pairs, 0, otherCookies);
}

/**
 * `allow` with what the gate has at hand.
 * @param v the request's variables
 * @param pairs names and values by turns, beginning at index `first`
 * @param otherCookies for the application
 */
export function allowWith(
  r: NginxHTTPRequest,
  v: NginxHTTPRequest['variables'],
  pairs: string[],
  first: number,
  otherCookies: string,
): void {
  for (let at = first; at + 1 < pairs.length; at += 2) {
    try {
      v[pairs[at] as string] = pairs[at + 1];
    } catch {
      // The configuration declared this variable when the session began, and does not any more.
    }
  }
  v.oidc_app_cookies = otherCookies;
  r.return(204);
}

/** Not signed in: @do_oidc_flow starts a login. */
export function deny(r: NginxHTTPRequest): void {
  r.return(401, '');
}

/** Cannot tell: denied, and @do_oidc_flow shows this error instead of starting a login that might loop. */
export function fail(r: NginxHTTPRequest, error: unknown): void {
  const { code, detail, message } = error as { code?: string; detail?: string; message?: string };
  r.variables.oidc_gate_error = `${code || 'internal'} ${detail || message || error}`;
  r.return(401, '');
}
