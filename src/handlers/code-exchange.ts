// location ^~ /_codexch: back from the provider.

import { redirect, sendErrorPage } from '../browser/respond';
import { referenceOf } from '../nginx/reference';
import type { AuthorizationResponse } from '../protocol/authorization-response';
import { isOutage } from '../protocol/errors';
import { type Identity, identityIn } from '../protocol/identity';
import { safeReturnPath } from '../protocol/return-path';
import type { Login } from '../session/login';
import type { Session } from '../session/sessions';
import { acceptSignIn, isKept } from '../steps/accept-sign-in';
import { dryRun } from '../steps/dry-run';
import { linkSession } from '../steps/link-session';
import { noteRefusedCallback, noteSignIn } from '../steps/note-event';
import { notePerson } from '../steps/note-person';
import { passOnPosted, plainResponse, receivedResponse } from '../steps/received-response';
import { countAttempt } from '../steps/sign-in-loop';
import { refuseStrangers, takeLogin } from '../steps/take-login';
import { type Context, createContext } from '../visit/context';
import { everyContext, rememberProvider, useProvider, useProviderOfAddress } from '../visit/providers';

/**
 * Checks the authorization response against the login that this browser began, changes its code for tokens, verifies
 * the ID token, makes a session and sends the browser to where it wanted to go.
 */
export async function codeExchange(r: NginxHTTPRequest): Promise<void> {
  let context: Context | undefined;
  let retry = '/';
  try {
    if (r.method !== 'GET') {
      return await passOnPosted(r);
    }
    const query = r.variables.args || '';
    const plain = plainResponse(query);
    refuseStrangers(r, plain);
    useProviderOfAddress(r);
    context = createContext(r);
    const response = await receivedResponse(context, query, plain);
    const isSignedIn = (await sessionOfBrowser(context)) !== undefined;
    const login = await takeLogin(context, response, isSignedIn);
    if (!login) {
      return redirect(r, '/');
    }
    retry = safeReturnPath(login.path);
    if (login.dryRun !== undefined) {
      return await dryRun(context, response, login);
    }
    const session = await signIn(context, response, login);
    context.setSessionCookie(session.secret, isKept(context, login) ? session.record.endsAt - context.now : undefined);
    rememberProvider(context);
    countAttempt(context, '');
    redirect(r, retry);
  } catch (error) {
    // A store that is away is no loop: whoever tries again in a minute must not be kept out for it.
    if (context && !isOutage(error)) {
      countAttempt(context, referenceOf(r));
    }
    noteRefusedCallback(r, error);
    sendErrorPage(r, error, retry);
  }
}

async function signIn(context: Context, response: AuthorizationResponse, login: Login): Promise<Session> {
  const { now, sessions } = context;
  const { idToken, record, kept } = await acceptSignIn(context, response, login);
  const replaced = await retireOldSession(context);
  const session = await sessions.create(record, kept, now);
  await linkSession(context, idToken, session);
  const identity = identityIn(idToken.claims) as Identity;
  await notePerson(context, identity);
  noteSignIn(context.r, identity, session.key, replaced, login.stepUp !== undefined);
  return session;
}

/** The session that this browser came with, if any, is not the one it leaves with, of whatever provider it is: their keys. */
async function retireOldSession(context: Context): Promise<string[]> {
  const { r, config } = context;
  const retired: string[] = [];
  for (const each of config.provider === '' ? [context] : everyContext(r)) {
    for (const secret of each.sessionSecrets) {
      const old = await each.sessions.find(secret, each.now);
      if (old) {
        await each.sessions.retire(old, each.now);
        retired.push(old.key);
      }
    }
  }
  if (config.provider !== '') {
    useProvider(r, config.provider);
  }
  return retired;
}

async function sessionOfBrowser({ sessionSecret, sessions, now }: Context): Promise<Session | undefined> {
  return sessionSecret ? sessions.find(sessionSecret, now) : undefined;
}
