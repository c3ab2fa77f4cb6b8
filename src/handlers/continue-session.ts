// The gate's rare paths: tokens to renew, an idle time to note, tokens that the location wants.

import { createContext } from '../nginx/context';
import { allow, deny, fail } from '../nginx/gate';
import { logError } from '../nginx/log';
import { sleep } from '../nginx/provider-call';
import { refreshTokens } from '../nginx/tokens';
import { renewSession } from '../session/renewal';
import type { Session } from '../session/sessions';

/**
 * @param found the live session that the gate has read
 * @param renew whether its tokens are due
 */
export async function continueSession(r: NginxHTTPRequest, found: Session, renew: boolean): Promise<void> {
  try {
    const context = createContext(r);
    const { sessions } = context;
    let session: Session | undefined = found;
    if (renew) {
      session = await renewSession(sessions, found, {
        clock: () => Math.floor(Date.now() / 1000),
        sleep,
        // Metadata, token request, keys and UserInfo, one after the other.
        patience: context.config.provider_timeout * 4,
        refresh: (tokens) => refreshTokens(context, tokens, found.record),
        failed: (error) => logError(r, error),
      });
    } else {
      sessions.touch(found, context.now);
    }
    if (!session) {
      return deny(r);
    }
    const wanted = ['access_token', 'id_token'].filter((name) => r.variables[name] !== undefined);
    if (wanted.length > 0) {
      const tokens = await sessions.tokens(session);
      if (!tokens) {
        return deny(r);
      }
      r.variables[wanted[0] as string] = wanted[0] === 'id_token' ? tokens.idToken : tokens.accessToken;
      if (wanted.length > 1) {
        r.variables.id_token = tokens.idToken;
      }
    }
    allow(r, session.record);
  } catch (error) {
    fail(r, error);
  }
}
