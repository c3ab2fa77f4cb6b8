// location = /_oidc_either: the gate that takes an access token or a session.

import { sessionCookieOf, usualCookie } from '../browser/gate-cookies';
import { leave } from '../nginx/gate';
import { isBearer } from '../protocol/bearer-scheme';
import { authRequest } from './auth-request';
import { bearerRequest } from './bearer-request';

/**
 * Where there is a token it alone counts: it was put there on purpose, a cookie comes along by itself. So no bad token
 * ever passes as somebody's session. Any other scheme of Authorization is the application's.
 */
export function eitherRequest(r: NginxHTTPRequest): void | Promise<void> {
  const v = r.variables;
  if (isBearer(v.http_authorization || '')) {
    return bearerRequest(r);
  }
  const { name } = sessionCookieOf(v.http_oidc_site || '') || usualCookie;
  return (v.http_cookie || '').indexOf(`${name}=`) < 0 ? leave(r) : authRequest(r);
}
