import { isCrossSite, wantsPage } from '../browser/navigation';
import { redirect, sendJson } from '../browser/respond';
import type { ProviderMetadata } from '../protocol/discovery';
import { encodeLoginInitiation, parseLoginInitiation } from '../protocol/login-initiation';
import type { Visit } from '../visit/visit';
import { stopLoop } from './sign-in-loop';
import { startLogin } from './start-login';

/**
 * A login that a link asks for: to the provider, and back to the path that the link names. Who is signed in already
 * stays so, and goes there at once. A POST, which a browser sends without the session's cookie, becomes a GET of the same.
 * @param issuers the site's own: one, or those of its tenants
 * @throws login_invalid, login_loop, and what `metadata` throws
 */
export async function beginLogin(
  visit: Visit,
  issuers: string[],
  isSignedIn: () => boolean | Promise<boolean>,
  metadata: () => ProviderMetadata | Promise<ProviderMetadata>,
): Promise<void> {
  const { r, baseUrl } = visit;
  const isPost = r.method === 'POST';
  const wish = parseLoginInitiation((isPost ? r.requestText : r.variables.args) || '', issuers, baseUrl);
  if (isPost) {
    return redirect(r, `${r.uri}?${encodeLoginInitiation(wish, issuers[0] as string)}`);
  }
  if (await isSignedIn()) {
    return redirect(r, wish.path);
  }
  if (r.method !== 'GET' || !wantsPage(r)) {
    return sendJson(r, 401, { error: 'login_required', sign_in: '/_oidc_login' });
  }
  stopLoop(visit);
  await startLogin(visit, await metadata(), wish.path, {
    loginHint: wish.loginHint,
    keep: wish.keep && !isCrossSite(r, baseUrl),
  });
}
