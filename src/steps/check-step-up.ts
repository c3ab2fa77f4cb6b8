import { oidcError } from '../protocol/errors';
import type { VerifiedIdToken } from '../protocol/id-token';
import { lackOf } from '../protocol/step-up';
import { printable } from '../protocol/text';
import type { Login } from '../session/login';

/**
 * Whether a sign-in is what the location where it began demands (OpenID Connect Core 3.1.3.7, points 12 and 13).
 * @param clockSkew seconds
 * @param now seconds since 1970
 * @throws step_up_failed: then nothing has changed, and whoever was signed in stays so
 */
export function checkStepUp({ claims }: VerifiedIdToken, { stepUp }: Login, clockSkew: number, now: number): void {
  const lack = stepUp && lackOf(stepUp, claims, now - clockSkew);
  if (!stepUp || lack === undefined) {
    return;
  }
  const { acr, auth_time } = claims;
  throw oidcError(
    'step_up_failed',
    lack === 'acr'
      ? `"acr" in the ID token is ${shown(acr)}, none of "${stepUp.acrValues.join(' ')}" ($oidc_acr_values)`
      : `"auth_time" in the ID token is ${shown(auth_time)}, and it is ${now}: more than ${stepUp.maxAge} seconds ($oidc_max_age), or the provider did not tell`,
  );
}

const shown = (value: unknown) => (value === undefined ? 'missing' : printable(JSON.stringify(value), 100));
