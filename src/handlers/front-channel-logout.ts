// location = /front_channel_logout: the provider signs somebody out, in a hidden frame of its own page.

import { type Context, createContext } from '../nginx/context';
import { logError } from '../nginx/log';
import { issuerByHand } from '../nginx/provider';
import { asOidcError, sendText } from '../nginx/respond';
import { errorTable, type OidcError } from '../protocol/errors';
import { frontChannelSid, isGuessable, providerSessionOf } from '../protocol/front-channel-logout';
import type { Session } from '../session/sessions';

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

/** 200 whatever there was to end, so that nobody learns of sessions here; 400 for what no provider sends. */
export async function answerFrame(
  r: NginxHTTPRequest,
  end: () => void | Promise<void>,
  log: (r: NginxHTTPRequest, error: OidcError) => void,
): Promise<void> {
  if (r.method !== 'GET') {
    r.headersOut.Allow = 'GET';
    return sendText(r, 405, 'Method not allowed');
  }
  try {
    await end();
    sendText(r, 200, 'Logout successful');
  } catch (error) {
    const known = asOidcError(error);
    log(r, known);
    sendText(r, errorTable[known.code].status, 'Logout failed');
  }
}

/** A frame of another site gets no cookie: where one comes along nevertheless, it is a link that somebody followed. */
export function isLink(r: NginxHTTPRequest): boolean {
  return r.variables.http_sec_fetch_site === 'cross-site';
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
