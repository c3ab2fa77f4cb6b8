// location = /logout: ends the session here, then at the provider; /logout?everywhere=1 all sessions of the person.

import { redirect, sendErrorPage } from '../browser/respond';
import { logError, logWarning } from '../nginx/log';
import { asOidcError, oidcError } from '../protocol/errors';
import { type Identity, identityOf } from '../protocol/identity';
import { providerMetadata } from '../provider/metadata';
import { revokeTokens } from '../provider/revocation';
import type { TokenRecord } from '../session/record';
import type { Session } from '../session/sessions';
import { attemptsCookieName } from '../session/sign-in-attempts';
import { endSessionUrl } from '../steps/end-session-url';
import { noteRefusedSignOut, noteSignOut } from '../steps/note-event';
import { askedFirst, wantsEverywhere } from '../steps/sign-out-page';
import type { Context } from '../visit/context';
import { everyContext, useProvider } from '../visit/providers';

/**
 * RP-Initiated Logout 1.0: the session ends here first, whatever becomes of the rest. A request that another site
 * caused only gets a page that asks.
 */
export async function logout(r: NginxHTTPRequest): Promise<void> {
  try {
    const context = await contextOfSession(r);
    if (askedFirst(r, context.baseUrl)) {
      return;
    }
    const { tokens, keys } = await endSessions(context);
    const who = tokens && identityOf(tokens.idToken);
    if (wantsEverywhere(r)) {
      await endEverywhere(context, who, keys);
    } else if (keys.length > 0) {
      noteSignOut(r, 'own', keys, who);
    }
    redirect(r, await whereTo(context, tokens));
  } catch (error) {
    sendErrorPage(r, error, '/');
  }
}

/** Of several providers, the one whose session the browser has. */
async function contextOfSession(r: NginxHTTPRequest): Promise<Context> {
  const contexts = everyContext(r);
  let context = contexts[0];
  if (context.config.provider === '') {
    return context;
  }
  for (const each of contexts) {
    const found = await Promise.all(each.sessionSecrets.map((secret) => each.sessions.find(secret, each.now)));
    if (found.some((session) => session !== undefined)) {
      context = each;
      break;
    }
  }
  useProvider(r, context.config.provider);
  return context;
}

/** The tokens of what has ended, of several sessions those of the first, and the keys of all. */
async function endSessions(context: Context): Promise<{ tokens: TokenRecord | undefined; keys: string[] }> {
  context.setSessionCookie('', 0);
  context.setCookie(attemptsCookieName, '', 0);
  let first: TokenRecord | undefined;
  const keys: string[] = [];
  for (const secret of context.sessionSecrets) {
    const session = await context.sessions.find(secret, context.now);
    if (session) {
      const tokens = await endSession(context, session);
      keys.push(session.key);
      first = first || tokens;
    }
  }
  return { tokens: first, keys };
}

async function endSession(context: Context, session: Session): Promise<TokenRecord | undefined> {
  const tokens = await context.sessions.tokens(session);
  await context.sessions.end(session);
  const who = tokens && identityOf(tokens.idToken);
  if (who) {
    await context.sessionIndex.unlink(who, session.key);
  }
  return tokens;
}

/** Throws logout_incomplete: whoever asked for this must not believe that it was done. */
async function endEverywhere(
  { r, sessionIndex }: Context,
  who: Identity | undefined,
  endedHere: string[],
): Promise<void> {
  const incomplete = (why: string) => {
    const error = oidcError('logout_incomplete', why);
    if (endedHere.length > 0) {
      noteSignOut(r, 'own', endedHere, who);
    }
    noteRefusedSignOut(r, 'everywhere', error);
    return error;
  };
  if (!who) {
    throw incomplete('nobody was signed in here, or the tokens could not be read: whose sessions?');
  }
  try {
    noteSignOut(r, 'everywhere', endedHere.concat(await sessionIndex.endSub(who.iss, who.sub)), who);
  } catch (error) {
    logError(r, asOidcError(error));
    throw incomplete('not all sessions of this person could be ended: the line above says why');
  }
}

/** The provider's end-session URL; this site's own signed-out page when there is none, or nobody was signed in. */
async function whereTo(context: Context, tokens: TokenRecord | undefined): Promise<string> {
  const here = context.config.logout_redirect;
  if (!tokens) {
    return here;
  }
  try {
    const metadata = await providerMetadata(context);
    await revokeTokens(context, metadata, tokens);
    return (await endSessionUrl(context, metadata, tokens.idToken)) || here;
  } catch (error) {
    logWarning(context.r, asOidcError(error), 'signed out here, but not at the provider');
    return here;
  }
}
