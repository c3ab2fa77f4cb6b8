import { logError } from '../nginx/log';
import { sleep } from '../nginx/timers';
import { asOidcError } from '../protocol/errors';
import { identityOf } from '../protocol/identity';
import type { TokenRecord } from '../session/record';
import { performRenewal } from '../session/renewal';
import type { LockOwner } from '../session/sessions';
import { createContext, sessionsOf } from '../visit/context';
import { noteFailedRenewal, noteRenewal } from './note-event';
import { refreshTokens } from './refresh-tokens';

const clock = () => Math.floor(Date.now() / 1000);

/** The first njs that is known to end a detached subrequest which does more than answer at once. */
const endsDetachedSubrequests = 0x010002;
const isApart = () => njs.version_number >= endsDetachedSubrequests;

/**
 * Starts the renewal for a gate that has the session's lock. NGINX ends a request only when all calls that it made
 * have ended, so the call is made by a request of its own, where njs can do that: then a provider that is slow to end
 * its answer keeps the gate no longer than the gate wants to wait.
 */
export function startRenewal(r: NginxHTTPRequest, owner: LockOwner): Promise<void> | undefined {
  if (!isApart()) {
    return renewHere(r, owner);
  }
  r.subrequest('/_renew', { args: `owner=${owner}`, detached: true });
  return undefined;
}

/** Logs what fails; the session's record tells the rest. */
export async function renewHere(r: NginxHTTPRequest, owner: LockOwner): Promise<void> {
  try {
    const { sessions, secret } = sessionsOf(r);
    const session = await sessions.find(secret, clock()); // the gate has found it by the same cookie
    if (session) {
      let old: TokenRecord | undefined;
      let isRenewed = false;
      await performRenewal(sessions, session, owner, {
        clock,
        // What is wrong with the rest of the configuration must not keep the lock.
        refresh: async (tokens) => {
          old = tokens;
          const renewed = await refreshTokens(createContext(r), tokens, session.record);
          isRenewed = true;
          return renewed;
        },
        failed: (error, ended) => {
          const person = old && identityOf(old.idToken);
          logError(r, error);
          noteFailedRenewal(r, error, ended ? { session: session.key, person } : undefined);
        },
        sleep,
        persistence: isApart() ? 40 : 0,
      });
      if (isRenewed) {
        noteRenewal();
      }
    }
  } catch (error) {
    noteFailedRenewal(r, error);
    logError(r, asOidcError(error));
  }
}
