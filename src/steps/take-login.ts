import { oidcError } from '../protocol/errors';
import { type Login, loginCookieName, openLogin } from '../session/login';
import type { Visit } from '../visit/visit';

/** The login that `state` belongs to, whose cookie is used up by this. Throws login_expired. */
export async function takeLogin(context: Visit, state: string): Promise<Login> {
  const name = loginCookieName(state);
  const value = /^[A-Za-z0-9_-]{43}$/.test(state) ? context.cookie(name) : undefined;
  if (value === undefined) {
    throw oidcError('login_expired', 'no login of this browser has the state that came back');
  }
  context.setCookie(name, '', 0);
  const { hmac_key, login_timeout } = context.config;
  const login = await openLogin(value, state, context.realm, hmac_key, login_timeout, context.now);
  if (!login) {
    throw oidcError(
      'login_expired',
      `the login is older than $oidc_login_timeout (${login_timeout} s), or was not begun here`,
    );
  }
  return login;
}
