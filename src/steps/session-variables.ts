import { settings } from '../config/settings';
import { declaredBy } from '../nginx/declared';
import { logWarning } from '../nginx/log';
import { printable } from '../protocol/text';
import { claimVariables, type LeftOutClaim } from '../session/claim-variables';
import { noteLeftOut } from '../session/left-out-claims';
import type { SessionRecord } from '../session/record';
import type { Context } from '../visit/context';

/**
 * What the locations want of a session, as far as the configuration declares it: claims, the session's own times
 * (seconds since 1970), tokens. A claim that cannot be handed on whole is named in the log and to /_oidc_check.
 */
export function sessionVariables(
  { r, config, cache, realm, now }: Pick<Context, 'r' | 'config' | 'cache' | 'realm' | 'now'>,
  claims: Record<string, unknown>,
  expires: number,
  renews: number,
): Pick<SessionRecord, 'variables' | 'wants'> {
  let byScript = false;
  const isDeclared = (name: string) => {
    const by = isSetting(name) ? undefined : declaredBy(r, name);
    byScript = byScript || by === 'script';
    return by !== undefined;
  };
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
  const tokens = (isDeclared('access_token') ? 'a' : '') + (isDeclared('id_token') ? 'i' : '');
  return { variables, wants: tokens + (byScript ? 's' : '') + onceExpired[config.expired_access_token] };
}

/** See `Wants`. */
const onceExpired = { pass: '', drop: 'd', refuse: 'r' };

/** $oidc_claim_max_length: no claim of that name may write it. */
function isSetting(variable: string): boolean {
  return variable.startsWith('oidc_') && Object.prototype.hasOwnProperty.call(settings, variable.slice(5));
}

function leftOutText({ claim, variable, problem }: LeftOutClaim): string {
  return `the claim "${printable(claim, 80)}" ${problem}: $${variable} is empty`;
}
