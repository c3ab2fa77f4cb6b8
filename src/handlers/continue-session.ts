// The gate's rare paths: tokens to renew, an idle time to note, tokens that the location wants.

import { gateCookies } from '../browser/gate-cookies';
import { readSetting } from '../config/config';
import { allow, deny, fail } from '../nginx/gate';
import { logError } from '../nginx/log';
import { sleep } from '../nginx/timers';
import { renewSession } from '../session/renewal';
import type { Session, Sessions } from '../session/sessions';
import { startRenewal } from '../steps/renew-session';
import { sessionsOf } from '../visit/context';

/** @param secret the session cookie's value */
export async function continueSession(r: NginxHTTPRequest, secret: string): Promise<void> {
  try {
    const now = Math.floor(Date.now() / 1000);
    const sessions = sessionsOf(r);
    let session = sessions.find(secret, now);
    if (session && session.record.renewAt !== 0 && now >= session.record.renewAt) {
      session = await renew(r, sessions, session);
    } else if (session) {
      sessions.touch(session, now);
    }
    if (!session || !(await passTokens(r, sessions, session))) {
      return deny(r);
    }
    allow(r, session.record.variables, gateCookies(r.variables.http_cookie || '').others);
  } catch (error) {
    fail(r, error);
  }
}

function renew(r: NginxHTTPRequest, sessions: Sessions, session: Session): Promise<Session | undefined> {
  return renewSession(sessions, session, {
    clock: () => Math.floor(Date.now() / 1000),
    sleep,
    // Metadata, token request, keys and UserInfo, one after the other.
    patience: readSetting('provider_timeout', (name) => r.variables[name]) * 4,
    start: () => startRenewal(r),
    failed: (error) => logError(r, error),
  });
}

/** Sets the variables of the tokens that the configuration declares; false when there are none to set. */
async function passTokens(r: NginxHTTPRequest, sessions: Sessions, session: Session): Promise<boolean> {
  const wantsAccess = r.variables.access_token !== undefined;
  const wantsId = r.variables.id_token !== undefined;
  if (!wantsAccess && !wantsId) {
    return true;
  }
  const tokens = await sessions.tokens(session);
  if (!tokens) {
    return false;
  }
  if (wantsAccess) {
    r.variables.access_token = tokens.accessToken;
  }
  if (wantsId) {
    r.variables.id_token = tokens.idToken;
  }
  return true;
}
