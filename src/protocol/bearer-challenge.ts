import type { ErrorCode } from './errors';
import { type StepUp, stepUpParameters } from './step-up';

/** The errors of RFC 6750 section 3.1 and RFC 9470, by ours; any other is no fault of the token. */
const errors: Partial<Record<ErrorCode, { error: string; description: string }>> = {
  bearer_request_invalid: {
    error: 'invalid_request',
    description: 'One access token is expected, in the Authorization header',
  },
  bearer_token_invalid: {
    error: 'invalid_token',
    description: 'The access token has ended, was revoked, or is not for this site',
  },
  not_allowed: { error: 'insufficient_scope', description: 'Whoever the access token stands for may not do this' },
  step_up_required: {
    error: 'insufficient_user_authentication',
    description: 'A more recent or a stronger sign-in is needed',
  },
  dpop_proof_invalid: {
    error: 'invalid_dpop_proof',
    description: 'The DPoP proof is missing, does not fit the request, or was used before',
  },
  dpop_nonce_required: { error: 'use_dpop_nonce', description: 'The proof must have the nonce of DPoP-Nonce in it' },
  bearer_scope_missing: { error: 'insufficient_scope', description: 'The access token lacks a scope' },
};

/** What a challenge tells besides the error. */
export interface ChallengeDetails {
  /** Scopes that the request needs. */
  readonly scopes: string[];
  /** Where the metadata of this resource are, '' for nowhere (RFC 9728 section 5.1). */
  readonly resourceMetadata: string;
  /** What the sign-in must be that the token comes from (RFC 9470 section 3). */
  readonly stepUp?: StepUp;
  /** The algorithms of proofs, where tokens come with one, or this one did (RFC 9449 section 7.1). */
  readonly proofAlgorithms?: string[];
  /** The same where tokens may come so, too (section 7.2). */
  readonly orProofAlgorithms?: string[];
}

/**
 * The value of WWW-Authenticate (RFC 6750 section 3).
 * @param code of the error; undefined for a request without a token, which is told none
 */
export function bearerChallenge(code: ErrorCode | undefined, details: ChallengeDetails): string {
  const { scopes, resourceMetadata, stepUp, proofAlgorithms, orProofAlgorithms } = details;
  const scheme = proofAlgorithms === undefined ? 'Bearer' : 'DPoP';
  const known = code === undefined ? undefined : errors[code];
  const parameters: [string, string][] = known
    ? [
        ['error', known.error],
        ['error_description', known.description],
      ]
    : [];
  if (scopes.length > 0 && (code === undefined || code === 'bearer_scope_missing')) {
    parameters.push(['scope', scopes.join(' ')]);
  }
  if (stepUp && code === 'step_up_required') {
    parameters.push(...stepUpParameters(stepUp));
  }
  if (resourceMetadata !== '') {
    parameters.push(['resource_metadata', resourceMetadata]);
  }
  if (proofAlgorithms !== undefined) {
    parameters.push(['algs', proofAlgorithms.join(' ')]);
  }
  const list = parameters.map(([name, value]) => `${name}="${value}"`).join(', ');
  const challenge = list === '' ? scheme : `${scheme} ${list}`;
  return orProofAlgorithms ? `${challenge}, DPoP algs="${orProofAlgorithms.join(' ')}"` : challenge;
}

/** The error as the body tells it. */
export function bearerError(code: ErrorCode | undefined): { error: string; error_description?: string } {
  const known = code === undefined ? undefined : errors[code];
  return known
    ? { error: known.error, error_description: known.description }
    : { error: code === undefined ? 'token_required' : code };
}
