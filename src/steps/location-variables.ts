import type { Variables } from '../nginx/gate';
import type { Session, Sessions } from '../session/sessions';

/**
 * What the location gets of a session: its variables, and the tokens that it wants.
 * @param appCookies the browser's cookies without our own
 * @returns undefined when it wants tokens and there are none
 */
export async function locationVariables(
  sessions: Sessions,
  session: Session,
  appCookies: string,
): Promise<Variables | undefined> {
  const { variables, wants } = session.record;
  const all: Variables = [];
  for (const name of Object.keys(variables)) {
    all.push(name, variables[name] as string);
  }
  all.push('oidc_app_cookies', appCookies);
  if (/[ai]/.test(wants)) {
    const tokens = await sessions.tokens(session);
    if (!tokens) {
      return undefined;
    }
    if (wants.indexOf('a') >= 0) {
      all.push('access_token', tokens.accessToken);
    }
    if (wants.indexOf('i') >= 0) {
      all.push('id_token', tokens.idToken);
    }
  }
  return all;
}
