// location = /logout: ends the session here, then at the provider.

import { isCrossSite } from '../browser/navigation';
import { redirect, sendErrorPage, sendPage } from '../browser/respond';
import { logWarning } from '../nginx/log';
import { asOidcError } from '../protocol/errors';
import { providerSessionOf } from '../protocol/front-channel-logout';
import { providerMetadata } from '../provider/metadata';
import { revokeRefreshToken } from '../provider/revocation';
import type { TokenRecord } from '../session/record';
import { attemptsCookieName } from '../session/sign-in-attempts';
import { endSessionUrl } from '../steps/end-session-url';
import { type Context, createContext } from '../visit/context';

/**
 * RP-Initiated Logout 1.0: the session ends here first, whatever becomes of the rest. A request that another site
 * caused only gets a page that asks.
 */
export async function logout(r: NginxHTTPRequest): Promise<void> {
  try {
    const context = createContext(r);
    if (isCrossSite(r, context.baseUrl)) {
      return sendPage(r, 200, {
        title: 'Sign out?',
        text: 'Another site sent you here. Do you want to sign out?',
        actions: [{ label: 'Sign out', href: '/logout', post: true }],
      });
    }
    const tokens = await endSession(context);
    redirect(r, await whereTo(context, tokens));
  } catch (error) {
    sendErrorPage(r, error, '/');
  }
}

async function endSession(context: Context): Promise<TokenRecord | undefined> {
  context.setCookie('auth_token', '', 0);
  context.setCookie(attemptsCookieName, '', 0);
  const secret = context.cookie('auth_token');
  const session = secret ? context.sessions.find(secret, context.now) : undefined;
  if (!session) {
    return undefined;
  }
  const tokens = await context.sessions.tokens(session);
  context.sessions.end(session);
  const there = tokens && providerSessionOf(tokens.idToken);
  if (there) {
    context.providerSessions.unlink(there.iss, there.sid, session.key);
  }
  return tokens;
}

/** The provider's end-session URL; this site's own signed-out page when there is none, or nobody was signed in. */
async function whereTo(context: Context, tokens: TokenRecord | undefined): Promise<string> {
  const here = context.config.logout_redirect;
  if (!tokens) {
    return here;
  }
  try {
    const metadata = await providerMetadata(context);
    await revokeRefreshToken(context, metadata, tokens.refreshToken);
    return (await endSessionUrl(context, metadata, tokens.idToken)) || here;
  } catch (error) {
    logWarning(context.r, asOidcError(error), 'signed out here, but not at the provider');
    return here;
  }
}
