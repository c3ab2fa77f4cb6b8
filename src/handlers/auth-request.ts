// location = /_oidc_auth: the gate, asked about each request. On the njs engines a request pays for every function
// that its bundle holds, so this imports as little as it can; what is rare is behind loadFlow().

import { gateCookies } from '../browser/gate-cookies';
import { allowWith, deny, fail } from '../nginx/gate';
import { sessionEntry } from '../session/record';
import { realmOf, sessionKey } from '../session/session-id';

// What the configuration settles for all requests: looked up once where the engine keeps a module, as QuickJS does.
let zone: NgxSharedDict<string> | undefined;
let passesTokens: boolean | undefined;

/**
 * 204 and the variables of the location for a signed-in request, else 401. What is neither, such as a store that
 * cannot be read, is 401 too, with `$oidc_gate_error` for @do_oidc_flow to show.
 */
export function authRequest(r: NginxHTTPRequest): void | Promise<void> {
  const v = r.variables;
  try {
    const cookies = gateCookies(v.http_cookie || '');
    const secret = cookies.hostSecret || (cookies.plainSecret && !isSecure(v) && cookies.plainSecret);
    if (!secret) {
      return deny(r);
    }
    if (zone === undefined) {
      zone = (ngx.shared as { oidc_sessions: NgxSharedDict<string> }).oidc_sessions;
    }
    const realm = realmOf(v.oidc_client || '', v.oidc_issuer || v.oidc_authz_endpoint || '', '');
    const text = zone.get(sessionEntry(sessionKey(secret, realm)));
    if (text === undefined) {
      return deny(r);
    }
    if (passesTokens === undefined) {
      passesTokens = v.access_token !== undefined || v.id_token !== undefined;
    }
    const lines = text.split('\n');
    // Only a number of the first line can make this true.
    if (!passesTokens && Date.now() < Number(lines[0]) * 1000) {
      return allowWith(r, v, lines, 2, cookies.others);
    }
    return loadFlow().continueSession(r, secret);
  } catch (error) {
    fail(r, error);
  }
}

/** With TLS only the cookie with the `__Host-` name counts, which no other host can set. */
function isSecure(v: NginxHTTPRequest['variables']): boolean {
  return (v.oidc_base_url || v.oidc_redirect_uri || v.scheme || '').startsWith('https');
}
