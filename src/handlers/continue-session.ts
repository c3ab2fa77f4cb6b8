// location @continue_session: the gate's question again, within the person's request, for what its short request could
// not do: begin a renewal, set variables that js_var declares, pass on more than fits into an answer, show an error.

import { readSetting } from '../config/config';
import { allow, deny, fail, noDemands } from '../nginx/gate';
import { logError } from '../nginx/log';
import { sleep } from '../nginx/timers';
import { variableOf } from '../nginx/variable';
import type { Demands } from '../protocol/demands';
import { oidcError } from '../protocol/errors';
import { isRenewalDue } from '../session/record';
import { renewSession } from '../session/renewal';
import type { Session, Sessions } from '../session/sessions';
import { locationDemands, meetsDemands } from '../steps/location-demands';
import { locationVariables } from '../steps/location-variables';
import { startRenewal } from '../steps/renew-session';
import { sessionsOf } from '../visit/context';

const clock = () => Math.floor(Date.now() / 1000);

/** 204 and the location's variables, else 401, with the error for @do_oidc_flow where there is one. */
export async function continueSession(r: NginxHTTPRequest): Promise<void> {
  try {
    const answered = r.variables.upstream_status;
    if (!answered) {
      return r.return(404, ''); // nobody asked the gate: somebody from outside asks for /_oidc_auth
    }
    checkGate(answered, r.variables.oidc_demands || '');
    await answerWithin(r, () => Promise.resolve(true));
  } catch (error) {
    fail(r, error);
  }
}

/**
 * The gate's answer to a request, given within it.
 * @param accepts what else must hold, of a session that does what the location demands
 */
export async function answerWithin(
  r: NginxHTTPRequest,
  accepts: (sessions: Sessions, session: Session) => Promise<boolean>,
): Promise<void> {
  const asked = r.variables.oidc_demands;
  try {
    await answerTo(r, locationDemands(r), asked || noDemands, accepts);
  } finally {
    if (asked !== undefined) {
      r.variables.oidc_demands = asked; // for @do_oidc_flow: each subrequest carried out the `set` lines of server {}
    }
  }
}

async function answerTo(
  r: NginxHTTPRequest,
  demands: Demands,
  asked: string,
  accepts: (sessions: Sessions, session: Session) => Promise<boolean>,
): Promise<void> {
  const { sessions, secret, appCookies } = sessionsOf(r);
  let session = await sessions.find(secret, clock());
  if (session && isRenewalDue(session.record, clock())) {
    session = await renew(r, sessions, session);
  } else if (session) {
    await sessions.touch(session, clock());
  }
  const variables = session && (await locationVariables(sessions, session, appCookies, clock()));
  if (!session || !variables || !(await meetsDemands(r, demands, sessions, session))) {
    return deny(r, appCookies, allow, asked);
  }
  if (!(await accepts(sessions, session))) {
    return deny(r, appCookies, allow, asked);
  }
  allow(r, variables);
}

/**
 * Any other answer than "ask within the request" is none of the gate's: it could not be asked, or is another server.
 * @param asked what it was asked about in a header
 */
export function checkGate(status: string, asked: string): void {
  const couldBeAsked = !/[\r\n]/.test(asked); // a line break ends the header that would ask
  if (couldBeAsked && !/(?:^|[ ,])409$/.test(status)) {
    throw oidcError(
      'gate_unavailable',
      `the gate did not answer (${status}): is "upstream oidc_gate" the address that its server listens on, are there worker_connections left?`,
    );
  }
}

function renew(r: NginxHTTPRequest, sessions: Sessions, session: Session): Promise<Session | undefined> {
  return renewSession(sessions, session, {
    clock,
    sleep,
    // Metadata, token request, keys and UserInfo, one after the other.
    patience: readSetting('provider_timeout', variableOf(r)) * 4,
    start: (owner) => startRenewal(r, owner),
    failed: (error) => logError(r, error),
  });
}
