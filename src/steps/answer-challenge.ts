import { readSetting } from '../config/config';
import { boundUnder } from '../config/profile';
import { referenceOf } from '../nginx/reference';
import { bearerChallenge, bearerError } from '../protocol/bearer-challenge';
import { proofAlgorithms } from '../protocol/dpop-proof';
import { type ErrorCode, errorTable } from '../protocol/errors';
import { metadataUrl } from '../protocol/protected-resource';

/**
 * The challenge of a location (RFC 6750 section 3).
 * @param variable the settings as the location sees them
 * @param code of the error, undefined for a request without a token
 * @param isBound whether the token came as one that is bound to a key
 */
export function challengeOf(variable: (name: string) => string | undefined, code?: ErrorCode, isBound = false): string {
  try {
    const resource = readSetting('resource', variable);
    const resourceMetadata = resource === '' ? '' : metadataUrl(resource);
    const stepUp = { acrValues: readSetting('acr_values', variable), maxAge: readSetting('max_age', variable) };
    const details = { scopes: readSetting('require_scope', variable), resourceMetadata, stepUp };
    const bound = boundUnder(readSetting('profile', variable), readSetting('bearer_bound', variable));
    if (bound === 'dpop' || (isBound && bound !== 'mtls')) {
      return bearerChallenge(code, { ...details, proofAlgorithms });
    }
    return bearerChallenge(code, bound === 'any' ? { ...details, orProofAlgorithms: proofAlgorithms } : details);
  } catch {
    return 'Bearer'; // the error that is answered is that of the configuration
  }
}

/**
 * Answers a program whose access token does not do, or that has none: always JSON, never a redirect.
 * @param challenge of challengeOf
 */
export function answerChallenge(r: NginxHTTPRequest, challenge: string, code: ErrorCode | undefined): void {
  const status = code === undefined ? 401 : errorTable[code].status;
  if (status < 500) {
    r.headersOut['WWW-Authenticate'] = challenge;
    if (r.variables.oidc_dpop_nonce) {
      r.headersOut['DPoP-Nonce'] = r.variables.oidc_dpop_nonce;
    }
  }
  r.headersOut['Content-Type'] = 'application/json';
  r.headersOut['Cache-Control'] = 'no-store';
  const reference = code === undefined ? {} : { reference: referenceOf(r) };
  r.return(status, `${JSON.stringify({ ...bearerError(code), ...reference })}\n`);
}
