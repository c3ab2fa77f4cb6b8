// location = /front_channel_logout: the provider signs somebody out, in a hidden frame of its own page.

import { isLink } from '../browser/navigation';
import { issuerByHand } from '../config/issuer';
import { logError, logWarning } from '../nginx/log';
import { asOidcError } from '../protocol/errors';
import { frontChannelSid, isGuessable } from '../protocol/front-channel-logout';
import { identityOf } from '../protocol/identity';
import { providerMetadata } from '../provider/metadata';
import { revokeTokens } from '../provider/revocation';
import type { TokenRecord } from '../session/record';
import type { Session } from '../session/sessions';
import { answerFrame } from '../steps/answer-frame';
import { type Context, createContext } from '../visit/context';

/**
 * Front-Channel Logout 1.0: ends the sessions that belong to the provider's session `sid`. The frame brings no cookie
 * from another site, so the `sid` is all the proof there is: one that could be guessed ends only the session whose
 * cookie comes along.
 */
export function handleFrontChannelLogout(r: NginxHTTPRequest): Promise<void> {
  const end = async () => {
    const context = createContext(r);
    const issuer = issuerByHand(context.config);
    const sid = frontChannelSid(r.variables.args || '', issuer);
    const own = await sessionOfCookie(context);
    const tokens = own && (await context.sessions.tokens(own));
    const ended = isGuessable(sid)
      ? await endOwn(context, own, tokens, issuer, sid)
      : await context.sessionIndex.endSid(issuer, sid);
    if (own && ended.indexOf(own.key) >= 0) {
      context.setCookie('auth_token', '', 0);
      await revoke(context, tokens);
    }
  };
  return answerFrame(r, end, logError);
}

async function sessionOfCookie({ cookie, sessions, now }: Context): Promise<Session | undefined> {
  const secret = cookie('auth_token');
  return secret ? sessions.find(secret, now) : undefined;
}

async function endOwn(
  context: Context,
  own: Session | undefined,
  tokens: TokenRecord | undefined,
  issuer: string,
  sid: string,
): Promise<string[]> {
  const who = tokens && !isLink(context.r) ? identityOf(tokens.idToken) : undefined;
  if (!own || who?.iss !== issuer || who.sid !== sid) {
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
