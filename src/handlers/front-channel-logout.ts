// location = /front_channel_logout: the provider signs somebody out, in a hidden frame of its own page.

import { isLink } from '../browser/navigation';
import { issuerByHand } from '../config/issuer';
import { logError } from '../nginx/log';
import { frontChannelSid, isGuessable, providerSessionOf } from '../protocol/front-channel-logout';
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
    const own = sessionOfCookie(context);
    const ended = isGuessable(sid)
      ? await endOwn(context, own, issuer, sid)
      : context.providerSessions.end(issuer, sid);
    if (own && ended.indexOf(own.key) >= 0) {
      context.setCookie('auth_token', '', 0);
    }
  };
  return answerFrame(r, end, logError);
}

function sessionOfCookie({ cookie, sessions, now }: Context): Session | undefined {
  const secret = cookie('auth_token');
  return secret ? sessions.find(secret, now) : undefined;
}

async function endOwn(context: Context, own: Session | undefined, issuer: string, sid: string): Promise<string[]> {
  const tokens = own && !isLink(context.r) ? await context.sessions.tokens(own) : undefined;
  const there = tokens && providerSessionOf(tokens.idToken);
  if (!own || there?.iss !== issuer || there.sid !== sid) {
    return [];
  }
  context.sessions.end(own);
  return [own.key];
}
