import type { Variables } from '../nginx/gate';
import { oidcError } from '../protocol/errors';
import { isWithheld } from '../session/record';
import type { Session, Sessions } from '../session/sessions';

/**
 * What the location gets of a session: its variables, and the tokens that it wants.
 * @param appCookies the browser's cookies without our own
 * @param now seconds since 1970
 * @returns undefined when it wants tokens and there are none
 * @throws access_token_expired where the configuration refuses that
 */
export async function locationVariables(
  sessions: Sessions,
  session: Session,
  appCookies: string,
  now: number,
): Promise<Variables | undefined> {
  const { variables, wants } = session.record;
  const all: Variables = [];
  for (const name of Object.keys(variables)) {
    all.push(name, variables[name] as string);
  }
  all.push('oidc_app_cookies', appCookies);
  const withheld = isWithheld(session.record, now);
  if (withheld && wants.indexOf('r') >= 0) {
    throw oidcError(
      'access_token_expired',
      'the access token has expired and could not be renewed, and $oidc_expired_access_token is refuse: see the lines above for why',
    );
  }
  if (/[ai]/.test(wants)) {
    const tokens = await sessions.tokens(session);
    if (!tokens) {
      return undefined;
    }
    if (wants.indexOf('a') >= 0 && !withheld) {
      all.push('access_token', tokens.accessToken);
    }
    if (wants.indexOf('i') >= 0) {
      all.push('id_token', tokens.idToken);
    }
  }
  return all;
}
