import { entryOf, gone } from '../store/keyval-entry';
import { type PlusVariables, plusVariables } from './variables';

/** What the zones hold of one session. */
export interface KeyvalSession {
  idToken?: string;
  accessToken?: string;
  refreshToken?: string;
}

/** What a renewed ID token must repeat (OpenID Connect Core 12.2). */
export interface FirstIdToken {
  iss: string;
  sub: string;
  /** Missing where it is not known: a renewed ID token must not have one then. */
  nonce?: string;
}

const firstIdTokenKey = (id: string) => `first:${id}`;
/** What stands in the zone of `$idp_sid` under other names than a `sid`: these, and links and logout tokens. */
const isOurs = (key: string) => /^(?:first|[puj]):/.test(key);

/** The session of the request's cookie, as far as this node has it. */
export function currentSession(r: NginxHTTPRequest): KeyvalSession {
  const { session_jwt, access_token, refresh_token } = plusVariables(r);
  return present(session_jwt, access_token, refresh_token);
}

export function readSession(r: NginxHTTPRequest, id: string): KeyvalSession {
  return underRequestId(r, id, (v) => present(v.new_session, v.new_access_token, v.new_refresh));
}

/** Writes a session under an id of our own: no token that is left out keeps an old value. */
export function writeSession(r: NginxHTTPRequest, id: string, session: KeyvalSession): void {
  underRequestId(r, id, (v) => {
    v.new_session = session.idToken || gone;
    v.new_access_token = session.accessToken || gone;
    v.new_refresh = session.refreshToken || gone;
  });
}

/**
 * Writes a session with what belongs to it, so that all of it lives as long as the refresh token.
 * @param sid the provider's session, where the ID token names it
 */
export function keepSession(
  r: NginxHTTPRequest,
  id: string,
  session: KeyvalSession,
  first: FirstIdToken,
  sid: string | undefined,
): void {
  writeSession(r, id, session);
  writeUnder(r, firstIdTokenKey(id), JSON.stringify(first));
  if (sid !== undefined) {
    linkSid(r, sid, id);
  }
}

/** Whether somebody renewed, replaced or ended the session of the request's cookie since it was read. */
export function hasChanged(r: NginxHTTPRequest, before: KeyvalSession): boolean {
  const now = currentSession(r);
  return now.idToken !== before.idToken || now.refreshToken !== before.refreshToken;
}

/** Ends a session on every node. */
export function endSession(r: NginxHTTPRequest, id: string): void {
  writeSession(r, id, {});
  writeUnder(r, firstIdTokenKey(id), gone);
}

export function firstIdToken(r: NginxHTTPRequest, id: string): FirstIdToken | undefined {
  const text = readUnder(r, firstIdTokenKey(id));
  return text === undefined ? undefined : (JSON.parse(text) as FirstIdToken);
}

/** Which session belongs to the provider's session `sid` (Front-Channel Logout). */
export function sessionOfSid(r: NginxHTTPRequest, sid: string): string | undefined {
  return isOurs(sid) ? undefined : readUnder(r, sid);
}

function linkSid(r: NginxHTTPRequest, sid: string, id: string): void {
  if (!isOurs(sid)) {
    writeUnder(r, sid, id);
  }
}

export function unlinkSid(r: NginxHTTPRequest, sid: string): void {
  linkSid(r, sid, gone);
}

function present(idToken?: string, accessToken?: string, refreshToken?: string): KeyvalSession {
  const session: KeyvalSession = {};
  const found = { idToken: entryOf(idToken), accessToken: entryOf(accessToken), refreshToken: entryOf(refreshToken) };
  for (const name of ['idToken', 'accessToken', 'refreshToken'] as const) {
    const value = found[name];
    if (value !== undefined) {
      session[name] = value;
    }
  }
  return session;
}

/**
 * A keyval variable reads and writes under what its key variable says at that moment. $request_id gets its own value
 * back at once, so that no log shows the id of a session.
 */
function underRequestId<T>(r: NginxHTTPRequest, id: string, work: (v: PlusVariables) => T): T {
  const v = plusVariables(r);
  const requestId = v.request_id;
  v.request_id = id;
  try {
    return work(v);
  } finally {
    v.request_id = requestId;
  }
}

function readUnder(r: NginxHTTPRequest, key: string): string | undefined {
  const v = plusVariables(r);
  if (v.idp_sid === undefined) {
    return undefined; // a configuration older than front-channel logout
  }
  v.idp_sid = key;
  return entryOf(v.client_sid);
}

function writeUnder(r: NginxHTTPRequest, key: string, value: string): void {
  const v = plusVariables(r);
  if (v.idp_sid !== undefined) {
    v.idp_sid = key;
    v.client_sid = value;
  }
}
