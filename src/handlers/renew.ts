// location = /_renew: renews the session of a request that has the session's lock. Nobody sees its answer.

import { createContext } from '../nginx/context';
import { logError } from '../nginx/log';
import { asOidcError } from '../nginx/respond';
import { refreshTokens } from '../nginx/token-endpoint';
import { performRenewal } from '../session/renewal';

/** The first njs that is known to end a detached subrequest which does more than answer at once. */
const endsDetachedSubrequests = 0x010002;

export async function renew(r: NginxHTTPRequest): Promise<void> {
  await renewHere(r);
  r.return(204);
}

/**
 * Starts the renewal for a gate that has the session's lock. NGINX ends a request only when all calls that it made
 * have ended, so the call is made by a request of its own, where njs can do that: then a provider that is slow to end
 * its answer keeps the gate no longer than the gate wants to wait.
 */
export function startRenewal(r: NginxHTTPRequest): void {
  if (njs.version_number >= endsDetachedSubrequests) {
    r.subrequest('/_renew', { detached: true });
  } else {
    renewHere(r);
  }
}

/** Logs what fails; the session's record tells the rest. */
async function renewHere(r: NginxHTTPRequest): Promise<void> {
  try {
    const context = createContext(r);
    const secret = context.cookie('auth_token');
    const session = secret ? context.sessions.find(secret, context.now) : undefined;
    if (session) {
      await performRenewal(context.sessions, session, {
        clock: () => Math.floor(Date.now() / 1000),
        refresh: (tokens) => refreshTokens(context, tokens, session.record),
        failed: (error) => logError(r, error),
      });
    }
  } catch (error) {
    logError(r, asOidcError(error));
  }
}
