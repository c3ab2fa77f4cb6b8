// location = /_oidc_auth: the gate, asked about each request. On the njs engines a request pays for every function
// that its bundle holds, so this imports as little as it can; what is rare is behind loadFlow().

import { allow, deny, fail } from '../nginx/gate';
import { isLive, needsTouch, type SessionRecord, sessionEntry } from '../session/record';
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
    const key = sessionKey(secret, realmOf(v.oidc_client || '', v.oidc_issuer || '', v.oidc_authz_endpoint || ''));
    const text = (ngx.shared?.oidc_sessions as NgxSharedDict<string>).get(sessionEntry(key));
    if (text === undefined) {
      return deny(r);
    }
    const record = JSON.parse(text) as SessionRecord;
    const now = Math.floor(Date.now() / 1000);
    if (!isLive(record, now)) {
      return deny(r);
    }
    const renew = record.r !== 0 && now >= record.r;
    if (renew || needsTouch(record, now) || v.access_token !== undefined || v.id_token !== undefined) {
      return loadFlow().continueSession(r, { secret, key, record }, renew);
    }
    allow(r, record);
  } catch (error) {
    fail(r, error);
  }
}

/** The cookie of a site without TLS. With TLS only the `__Host-` name counts, which no other host can set. */
function plainCookie(v: NginxHTTPRequest['variables']): string | undefined {
  const site = v.oidc_base_url || v.oidc_redirect_uri || v.scheme || '';
  return site.startsWith('https') ? undefined : v.cookie_auth_token;
}
