// location = /_oidc_auth: the gate, asked about each request. On the njs engines a request pays for every function
// that its bundle holds, so this imports as little as it can; what is rare is behind loadFlow().

import { allowWith, deny, fail } from '../nginx/gate';
import { sessionEntry } from '../session/record';
import { realmOf, sessionKey } from '../session/session-id';

/**
 * 204 and the variables of the location for a signed-in request, else 401. What is neither, such as a store that
 * cannot be read, is 401 too, with `$oidc_gate_error` for @do_oidc_flow to show.
 */
export function authRequest(r: NginxHTTPRequest): void | Promise<void> {
  const v = r.variables;
  try {
    const secret = v['cookie___Host-auth_token'] || plainCookie(v);
    if (!secret) {
      return deny(r);
    }
    const issuer = v.oidc_issuer;
    const key = sessionKey(
      secret,
      realmOf(v.oidc_client || '', issuer || '', issuer ? '' : v.oidc_authz_endpoint || ''),
    );
    const text = (ngx.shared as { oidc_sessions: NgxSharedDict<string> }).oidc_sessions.get(sessionEntry(key));
    if (text === undefined) {
      return deny(r);
    }
    const lines = text.split('\n');
    // Both sides of this must be numbers for it to hold.
    const isQuiet = Date.now() < Number(lines[0]) * 1000;
    if (isQuiet && v.access_token === undefined && v.id_token === undefined) {
      return allowWith(r, lines, 2);
    }
    return loadFlow().continueSession(r, secret);
  } catch (error) {
    fail(r, error);
  }
}

/** The cookie of a site without TLS. With TLS only the `__Host-` name counts, which no other host can set. */
function plainCookie(v: NginxHTTPRequest['variables']): string | undefined {
  const site = v.oidc_base_url || v.oidc_redirect_uri || v.scheme || '';
  return site.startsWith('https') ? undefined : v.cookie_auth_token;
}
