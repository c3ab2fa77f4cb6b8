// location ^~ /_oidc_login: a "Sign in" link of a site that has public pages, or a login that a third party begins.

import { sendErrorPage } from '../browser/respond';
import { issuersOf } from '../config/issuer';
import { providerMetadata } from '../provider/metadata';
import { beginLogin } from '../steps/begin-login';
import { chooseProvider } from '../steps/choose-provider';
import { noteRefusedLogin } from '../steps/note-event';
import { type Context, createContext } from '../visit/context';
import { nameInAddress, providerNames, rememberProvider, useProviderOfAddress } from '../visit/providers';

/** Goes to the provider, and back to the path that the link names (OpenID Connect Core section 4). */
export async function oidcLogin(r: NginxHTTPRequest): Promise<void> {
  try {
    if (nameInAddress(r) === '' && providerNames(r).length > 0) {
      return await chooseProvider(r);
    }
    useProviderOfAddress(r);
    const context = createContext(r);
    await context.checkStore();
    await beginLogin(
      context,
      issuersOf(context.config),
      () => isSignedIn(context),
      () => providerMetadata(context),
    );
  } catch (error) {
    noteRefusedLogin(r, error);
    sendErrorPage(r, error, '/');
  }
}

async function isSignedIn(context: Context): Promise<boolean> {
  const { sessionSecret, sessions, now } = context;
  const session = sessionSecret === undefined ? undefined : await sessions.find(sessionSecret, now);
  if (session) {
    rememberProvider(context); // the page asks for a session of the one that is remembered
  }
  return session !== undefined;
}
