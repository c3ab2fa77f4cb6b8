// The rarer half of location = /_oidc_auth: a use of the session to note, a renewal to wait for, a shared store to ask.

import { deny, fits, leave, pass } from '../nginx/gate';
import { sleep } from '../nginx/timers';
import { readDemands } from '../protocol/demands';
import { isOutage } from '../protocol/errors';
import { verdictOn } from '../session/met-demands';
import { isRenewalDue, type SessionRecord } from '../session/record';
import { renewSession } from '../session/renewal';
import type { Scope } from '../session/session-id';
import type { Session, Sessions } from '../session/sessions';
import { locationVariables } from '../steps/location-variables';
import { sessionRoom } from '../visit/session-room';

/** The longest that a renewal takes with the largest `$oidc_provider_timeout` (s); its lock ends before. */
const longestRenewal = 245;

const clock = () => Math.floor(Date.now() / 1000);

/**
 * Answers as `authRequest`. A renewal that somebody else began is waited for here, where waiting holds nothing of the
 * person's request; one that has to begin takes that request, which alone knows the provider.
 * @param where what the browser's session cookies say, and what they may open; the first that there is counts
 * @param appCookies the browser's cookies without our own
 * @param demands of the location, as `readDemands` takes them
 */
export async function continueAtGate(
  r: NginxHTTPRequest,
  where: { secret: string; scope: Scope }[],
  appCookies: string,
  demands: string,
): Promise<void> {
  try {
    for (const { secret, scope } of where) {
      const sessions = sessionRoom(r).sessions(scope);
      await sessions.listen(clock());
      const session = await sessions.find(secret, clock());
      if (session) {
        return await admit(r, sessions, session, appCookies, demands);
      }
    }
    deny(r, appCookies, pass, demands);
  } catch {
    leave(r); // the same happens there, where it can be shown
  }
}

async function admit(
  r: NginxHTTPRequest,
  sessions: Sessions,
  found: Session,
  appCookies: string,
  demands: string,
): Promise<void> {
  const session = await upToDate(r, sessions, found);
  if (session === 'leave') {
    return leave(r);
  }
  const variables = session && (await locationVariables(sessions, session, appCookies, clock()));
  if (!session || !variables) {
    return deny(r, appCookies, pass, demands);
  }
  const verdict = await verdictOn(sessions, session, readDemands(demands), Date.now() / 1000);
  const mayPass = verdict !== undefined && 'until' in verdict;
  return mayPass && fits(variables) && !byScript(session.record) ? pass(r, variables) : leave(r);
}

const byScript = ({ wants }: SessionRecord) => wants.indexOf('s') >= 0;

async function upToDate(
  r: NginxHTTPRequest,
  sessions: Sessions,
  session: Session,
): Promise<Session | 'leave' | undefined> {
  if (!isRenewalDue(session.record, clock())) {
    await sessions.touch(session, clock());
    return session;
  }
  const renewing = await sessions.isLocked(session).catch(unlessAway);
  if (renewing === undefined) {
    return session; // renewals wait
  }
  if (renewing) {
    return waitForRenewal(sessions, session);
  }
  // A WebSocket keeps what its request holds for hours: another request of this session may have the tokens renewed.
  return r.variables.http_upgrade && clock() < session.record.expiresAt ? session : 'leave';
}

function unlessAway(error: unknown): undefined {
  if (!isOutage(error)) {
    throw error;
  }
}

async function waitForRenewal(sessions: Sessions, session: Session): Promise<Session | 'leave' | undefined> {
  let mustBegin = false;
  const latest = await renewSession(sessions, session, {
    clock,
    sleep,
    patience: longestRenewal,
    start: () => {
      mustBegin = true;
      throw new Error('not here');
    },
    failed: () => {},
  }).catch((error) => {
    if (!mustBegin) {
      throw error;
    }
    return undefined;
  });
  return mustBegin ? 'leave' : latest;
}
