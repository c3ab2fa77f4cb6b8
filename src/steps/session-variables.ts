import { claimVariables } from '../session/claim-variables';
import type { Context } from '../visit/context';

/** The variables for the locations: claims, and the session's own times (seconds since 1970), as far as declared. */
export function sessionVariables(
  context: Context,
  claims: Record<string, unknown>,
  expires: number,
  renews: number,
): Record<string, string> {
  const isDeclared = (name: string) => context.r.variables[name] !== undefined;
  const variables = claimVariables(claims, isDeclared);
  const times: Record<string, number> = { oidc_session_expires: expires, oidc_session_renews: renews };
  for (const name of Object.keys(times)) {
    if (isDeclared(name)) {
      variables[name] = String(times[name]);
    }
  }
  return variables;
}
