import { declaredBy } from '../nginx/declared';
import { claimVariables } from '../session/claim-variables';
import type { SessionRecord, Wants } from '../session/record';
import type { Context } from '../visit/context';

/**
 * What the locations want of a session, as far as the configuration declares it: claims, the session's own times
 * (seconds since 1970), tokens.
 */
export function sessionVariables(
  { r }: Context,
  claims: Record<string, unknown>,
  expires: number,
  renews: number,
): Pick<SessionRecord, 'variables' | 'wants'> {
  let byScript = false;
  const isDeclared = (name: string) => {
    const by = declaredBy(r, name);
    byScript = byScript || by === 'script';
    return by !== undefined;
  };
  const variables = claimVariables(claims, isDeclared);
  const times: Record<string, number> = { oidc_session_expires: expires, oidc_session_renews: renews };
  for (const name of Object.keys(times)) {
    if (isDeclared(name)) {
      variables[name] = String(times[name]);
    }
  }
  const wants = (isDeclared('access_token') ? 'a' : '') + (isDeclared('id_token') ? 'i' : '') + (byScript ? 's' : '');
  return { variables, wants: wants as Wants };
}
