// The gate's rare paths: tokens to renew, an idle time to note, tokens that the location wants.

import { readSetting } from '../config/config';
import { allow, deny, fail } from '../nginx/gate';
import { logError } from '../nginx/log';
import { sleep } from '../nginx/provider-call';
import { sharedDictStore } from '../nginx/shared-dict-store';
import { renewSession } from '../session/renewal';
import { realmOf } from '../session/session-id';
import { type Session, type Sessions, sessionsIn } from '../session/sessions';
import { startRenewal } from './renew';

/** @param secret the session cookie's value */
export async function continueSession(r: NginxHTTPRequest, secret: string): Promise<void> {
  try {
    const now = Math.floor(Date.now() / 1000);
    const sessions = sessionsOf(r);
    let session = sessions.find(secret, now);
    if (session && session.record.r !== 0 && now >= session.record.r) {
      session = await renew(r, sessions, session);
    } else if (session) {
      sessions.touch(session, now);
    }
    if (!session || !(await passTokens(r, sessions, session))) {
      return deny(r);
    }
    allow(r, session.record);
  } catch (error) {
    fail(r, error);
  }
}

/** What a whole Context would bring along is not needed where only tokens are passed on. */
function sessionsOf(r: NginxHTTPRequest): Sessions {
  const variable = (name: string) => r.variables[name];
  const realm = realmOf(
    readSetting('client', variable),
    readSetting('issuer', variable),
    readSetting('authz_endpoint', variable),
  );
  return sessionsIn(sharedDictStore('oidc_sessions'), realm, readSetting('hmac_key', variable));
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
