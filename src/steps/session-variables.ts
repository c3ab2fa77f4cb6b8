import { settings } from '../config/settings';
import { logWarning } from '../nginx/log';
import { printable } from '../protocol/text';
import { claimVariables, type LeftOutClaim } from '../session/claim-variables';
import { noteLeftOut } from '../session/left-out-claims';
import type { Context } from '../visit/context';

/**
 * The variables for the locations: claims, and the session's own times (seconds since 1970), as far as declared. A claim
 * that cannot be handed on whole is named in the log and to /_oidc_check.
 */
export function sessionVariables(
  context: Context,
  claims: Record<string, unknown>,
  expires: number,
  renews: number,
): Record<string, string> {
  const { r, config, cache, realm, now } = context;
  const isDeclared = (name: string) => r.variables[name] !== undefined && !isSetting(name);
  const limits = { mostBytes: config.claim_max_length, separator: config.list_separator };
  const { variables, leftOut } = claimVariables(claims, limits, isDeclared);
  for (const one of leftOut) {
    logWarning(r, { code: 'claim_left_out', detail: leftOutText(one) }, one.remedy);
  }
  noteLeftOut(cache, realm, leftOut, now);
  const times: Record<string, number> = { oidc_session_expires: expires, oidc_session_renews: renews };
  for (const name of Object.keys(times)) {
    if (isDeclared(name)) {
      variables[name] = String(times[name]);
    }
  }
  return variables;
}

/** $oidc_claim_max_length: no claim of that name may write it. */
function isSetting(variable: string): boolean {
  return variable.startsWith('oidc_') && Object.prototype.hasOwnProperty.call(settings, variable.slice(5));
}

function leftOutText({ claim, variable, problem }: LeftOutClaim): string {
  return `the claim "${printable(claim, 80)}" ${problem}: $${variable} is empty`;
}
