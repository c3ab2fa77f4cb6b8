import { readSetting } from '../config/config';
import { variableOf } from '../nginx/variable';
import { type AuthorizationResponse, errorText } from '../protocol/authorization-response';
import { oidcError } from '../protocol/errors';
import { type Login, loginCookieName, openLogin } from '../session/login';
import type { Visit } from '../visit/visit';

/**
 * The login that a response belongs to, whose cookie is used up by this. Without one the response is good for nothing:
 * undefined for somebody who is signed in, who reloaded the callback or came back to it by the Back button.
 * @throws login_expired for everybody else, callback_invalid for an error without `state`; both with what an error
 *   response says: it may be all that the operator learns
 */
export async function takeLogin(
  visit: Visit,
  response: AuthorizationResponse,
  isSignedIn: boolean,
): Promise<Login | undefined> {
  const { config, now, realm } = visit;
  const { state } = response;
  const name = loginCookieName(state);
  const value = /^[A-Za-z0-9_-]{43}$/.test(state) ? visit.cookie(name) : undefined;
  let cause = noSuchLogin;
  if (value !== undefined) {
    visit.setCookie(name, '', 0);
    const login = await openLogin(value, state, realm, config.hmac_key, config.login_timeout, now);
    if (login) {
      return login;
    }
    cause = `the login is older than $oidc_login_timeout (${config.login_timeout} s), or was not begun here`;
  }
  if (isSignedIn) {
    return undefined;
  }
  throw noLogin(response, cause);
}

/**
 * A browser without any cookie of ours began no login and has no session: said before anything is read for it, because
 * that is what a flood of forged callbacks looks like.
 * @param response undefined where it has to be opened first
 * @throws as takeLogin; config_invalid
 */
export function refuseStrangers(r: NginxHTTPRequest, response: AuthorizationResponse | undefined): void {
  const cookies = r.variables.http_cookie || '';
  const name = readSetting('cookie_name', variableOf(r));
  if (cookies.indexOf('oidc_login_') < 0 && cookies.indexOf(`${name}=`) < 0) {
    throw noLogin(response, noSuchLogin);
  }
}

const noSuchLogin = 'no login of this browser has the state that came back';

/** Anybody can write such an address, so no text claims that it was the provider who said it. */
function noLogin(response: AuthorizationResponse | undefined, cause: string) {
  if (!response || !('error' in response)) {
    return oidcError('login_expired', cause);
  }
  const said = errorText(response.error, response.errorDescription);
  const more = { note: `What came back says: ${said}` };
  return response.state === ''
    ? oidcError('callback_invalid', `no "state"; what came back says ${said}`, more)
    : oidcError('login_expired', `${cause}; what came back says ${said}`, more);
}
