// location ^~ /front_channel_logout: the provider signs somebody out, in a hidden frame of its own page.

import { isLink } from '../browser/navigation';
import { issuersOf } from '../config/issuer';
import { logError, logWarning } from '../nginx/log';
import { asOidcError, type OidcError } from '../protocol/errors';
import { frontChannelSid, isGuessable } from '../protocol/front-channel-logout';
import { identityOf } from '../protocol/identity';
import { providerMetadata } from '../provider/metadata';
import { revokeTokens } from '../provider/revocation';
import type { TokenRecord } from '../session/record';
import type { Session } from '../session/sessions';
import { answerFrame } from '../steps/answer-frame';
import { noteRefusedSignOut, noteSignOut } from '../steps/note-event';
import { type Context, createContext } from '../visit/context';
import { useProviderOfAddress } from '../visit/providers';

/**
 * Front-Channel Logout 1.0: ends the sessions that belong to the provider's session `sid`. The frame brings no cookie
 * from another site, so the `sid` is all the proof there is: one that could be guessed ends only the session whose
 * cookie comes along.
 */
export function handleFrontChannelLogout(r: NginxHTTPRequest): Promise<void> {
  const end = async () => {
    useProviderOfAddress(r);
    const context = createContext(r);
    const issuers = issuersOf(context.config);
    const sid = frontChannelSid(r.variables.args || '', issuers);
    const own = await sessionOfCookie(context);
    const tokens = own && (await context.sessions.tokens(own));
    const ended = isGuessable(sid)
      ? await endOwn(context, own, tokens, issuers, sid)
      : await endAll(context, issuers, sid);
    if (ended.length > 0) {
      noteSignOut(r, 'front_channel', ended); // anybody may load the frame for nothing
    }
    if (own && ended.indexOf(own.key) >= 0) {
      context.setSessionCookie('', 0);
      await revoke(context, tokens);
    }
  };
  const refuse = (_: NginxHTTPRequest, error: OidcError) => {
    logError(r, error);
    noteRefusedSignOut(r, 'front_channel', error);
  };
  return answerFrame(r, end, refuse);
}

async function sessionOfCookie({ sessionSecret, sessions, now }: Context): Promise<Session | undefined> {
  return sessionSecret ? sessions.find(sessionSecret, now) : undefined;
}

/** @param issuers one, or those of the tenants: the `sid` alone does not tell whose it is */
async function endAll({ sessionIndex }: Context, issuers: string[], sid: string): Promise<string[]> {
  const ended = await Promise.all(issuers.map((issuer) => sessionIndex.endSid(issuer, sid)));
  return ended.reduce((all, some) => all.concat(some), []);
}

async function endOwn(
  context: Context,
  own: Session | undefined,
  tokens: TokenRecord | undefined,
  issuers: string[],
  sid: string,
): Promise<string[]> {
  const who = tokens && !isLink(context.r) ? identityOf(tokens.idToken) : undefined;
  if (!own || !who || issuers.indexOf(who.iss) < 0 || who.sid !== sid) {
    return [];
  }
  await context.sessions.end(own);
  await context.sessionIndex.unlink(who, own.key);
  return [own.key];
}

/** The session has ended, whatever the provider says to this. */
async function revoke(context: Context, tokens: TokenRecord | undefined): Promise<void> {
  try {
    if (tokens) {
      await revokeTokens(context, await providerMetadata(context), tokens);
    }
  } catch (error) {
    logWarning(context.r, asOidcError(error), 'the tokens were not revoked');
  }
}
