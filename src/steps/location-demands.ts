import { readSetting } from '../config/config';
import { count } from '../nginx/metrics';
import { variableOf } from '../nginx/variable';
import { type Demands, readDemands, type Verdict } from '../protocol/demands';
import { oidcError } from '../protocol/errors';
import { identityOf } from '../protocol/identity';
import type { Denial } from '../protocol/rule';
import { printable } from '../protocol/text';
import { verdictOn } from '../session/met-demands';
import type { Session, Sessions } from '../session/sessions';
import { noteDenial } from './note-event';

/**
 * What the location of the person's request demands. To be read before the first subrequest, which carries out the `set`
 * lines of server {} once more, and those of the location not.
 * @throws config_invalid; also where this script and openid_connect.server_conf are not of one version
 */
export function locationDemands(r: NginxHTTPRequest): Demands {
  const text = r.variables.oidc_demands;
  if (text === undefined && ['require', 'acr_values', 'max_age'].some((name) => r.variables[`oidc_${name}`])) {
    throw oidcError(
      'config_invalid',
      'openid_connect.server_conf is older than openid_connect.js and does not pass on what the location demands: take the one that came with the script',
    );
  }
  return readDemands(text === undefined ? '\t\t' : text);
}

/**
 * Whether the session does what the location demands; false where its claims are gone, so that the person signs in anew.
 * @throws not_allowed, step_up_required, config_invalid
 */
export async function meetsDemands(
  r: NginxHTTPRequest,
  demands: Demands,
  sessions: Sessions,
  session: Session,
): Promise<boolean> {
  // As the callback counted when it let the sign-in pass.
  const now = Math.floor(Date.now() / 1000) - readSetting('clock_skew', variableOf(r));
  const verdict = await verdictOn(sessions, session, demands, now);
  if (verdict && 'denial' in verdict) {
    const tokens = await sessions.tokens(session);
    noteDenial(r, session.key, tokens && identityOf(tokens.idToken));
  }
  return verdict !== undefined && holdsUntil(verdict) > 0;
}

/**
 * Until when demands are met, seconds since 1970.
 * @throws not_allowed, step_up_required
 */
export function holdsUntil(verdict: Verdict): number {
  if ('until' in verdict) {
    return verdict.until;
  }
  count('oidc_denials_total', 'denial' in verdict ? 'rule' : verdict.lack);
  throw 'denial' in verdict
    ? oidcError('not_allowed', `$oidc_require: ${denialText(verdict.denial)}`)
    : oidcError('step_up_required', verdict.lack);
}

/** Names the rule and its claims, never what the person's claims hold. */
function denialText({ statement, claims }: Denial): string {
  const missing = claims.filter(({ isThere }) => !isThere).map(({ name }) => `"${printable(name, 80)}"`);
  const none = missing.length === 0 ? '' : `; not among the person's claims: ${missing.join(', ')}`;
  return `${printable(statement, 500)} does not hold${none}`;
}
