// location = /_oidc_login: a "Sign in" link of a site that has public pages, or a login that a third party begins.

import { beginLogin } from '../steps/begin-login';
import { sendError } from './answer';
import { currentSession } from './keyval-sessions';
import { createPlusVisit } from './plus-visit';

/** Goes to the provider, and back to the path that the link names (OpenID Connect Core section 4). */
export async function oidcLogin(r: NginxHTTPRequest): Promise<void> {
  try {
    const visit = createPlusVisit(r);
    const isSignedIn = () => {
      const { idToken, refreshToken } = currentSession(r);
      return idToken !== undefined || refreshToken !== undefined;
    };
    await beginLogin(visit, [visit.metadata.issuer], isSignedIn, () => visit.metadata);
  } catch (error) {
    sendError(r, error, '/');
  }
}
