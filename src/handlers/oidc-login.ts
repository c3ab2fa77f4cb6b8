// location = /_oidc_login: a "Sign in" link of a site that has public pages, or a login that a third party begins.

import { wantsPage } from '../browser/navigation';
import { redirect, sendErrorPage, sendJson } from '../browser/respond';
import { issuerByHand } from '../config/issuer';
import { encodeLoginInitiation, parseLoginInitiation } from '../protocol/login-initiation';
import { providerMetadata } from '../provider/metadata';
import { stopLoop } from '../steps/sign-in-loop';
import { startLogin } from '../steps/start-login';
import { type Context, createContext } from '../visit/context';

/**
 * Goes to the provider, and back to the path that the link names; who is signed in already stays so, and goes there at
 * once. A POST, which a browser sends without the session's cookie, becomes a GET of the same.
 */
export async function oidcLogin(r: NginxHTTPRequest): Promise<void> {
  try {
    const context = createContext(r);
    const issuer = issuerByHand(context.config);
    const isPost = r.method === 'POST';
    const query = isPost ? r.requestText : r.variables.args;
    const wish = parseLoginInitiation(query || '', issuer, context.baseUrl);
    if (isPost) {
      return redirect(r, `${r.uri}?${encodeLoginInitiation(wish, issuer)}`);
    }
    if (isSignedIn(context)) {
      return redirect(r, wish.path);
    }
    if (r.method !== 'GET' || !wantsPage(r)) {
      return sendJson(r, 401, { error: 'login_required' });
    }
    stopLoop(context);
    await startLogin(context, await providerMetadata(context), wish.path, wish.loginHint);
  } catch (error) {
    sendErrorPage(r, error, '/');
  }
}

function isSignedIn({ cookie, sessions, now }: Context): boolean {
  const secret = cookie('auth_token');
  return secret !== undefined && sessions.find(secret, now) !== undefined;
}
