// location = /_oidc_login: a "Sign in" link of a site that has public pages, or a login that a third party begins.

import { sendErrorPage } from '../browser/respond';
import { issuerByHand } from '../config/issuer';
import { providerMetadata } from '../provider/metadata';
import { beginLogin } from '../steps/begin-login';
import { type Context, createContext } from '../visit/context';

/** Goes to the provider, and back to the path that the link names (OpenID Connect Core section 4). */
export async function oidcLogin(r: NginxHTTPRequest): Promise<void> {
  try {
    const context = createContext(r);
    await context.checkStore();
    await beginLogin(
      context,
      issuerByHand(context.config),
      () => isSignedIn(context),
      () => providerMetadata(context),
    );
  } catch (error) {
    sendErrorPage(r, error, '/');
  }
}

async function isSignedIn({ cookie, sessions, now }: Context): Promise<boolean> {
  const secret = cookie('auth_token');
  return secret !== undefined && (await sessions.find(secret, now)) !== undefined;
}
