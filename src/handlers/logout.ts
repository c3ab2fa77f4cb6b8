// location = /logout: ends the session here, then at the provider.

import { isCrossSite } from '../nginx/browser';
import { type Context, createContext } from '../nginx/context';
import { logWarning } from '../nginx/log';
import { providerMetadata } from '../nginx/provider';
import { asOidcError, redirect, sendErrorPage, sendPage } from '../nginx/respond';
import { revokeTokens } from '../nginx/revoke';
import { providerSessionOf } from '../protocol/front-channel-logout';
import { buildLogoutUrl, logoutStyleOf } from '../protocol/logout-request';
import type { TokenRecord } from '../session/record';
import { attemptsCookieName } from '../session/sign-in-attempts';
import { newLogin } from './auth';

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
  const { config } = context;
  const returnTo = /^https?:/.test(config.logout_redirect)
    ? config.logout_redirect
    : context.baseUrl + config.logout_redirect;
  const here = config.logout_redirect;
  if (!tokens) {
    return here;
  }
  try {
    const metadata = await providerMetadata(context);
    await revokeTokens(context, metadata, tokens);
    if (!metadata.end_session_endpoint) {
      return here;
    }
    const style = config.logout_style || logoutStyleOf(metadata.issuer);
    if (style === 'cognito_login') {
      return await newLogin(context, metadata.end_session_endpoint, metadata, '/');
    }
    return buildLogoutUrl({
      style,
      endpoint: metadata.end_session_endpoint,
      clientId: config.client,
      postLogoutRedirectUri: returnTo,
      ...(config.logout_token_hint ? { idTokenHint: tokens.idToken } : {}),
    });
  } catch (error) {
    logWarning(context.r, asOidcError(error), 'signed out here, but not at the provider');
    return here;
  }
}
