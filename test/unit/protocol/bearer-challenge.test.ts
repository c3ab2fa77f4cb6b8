import { expect, it } from 'vitest';
import { bearerChallenge, bearerError } from '../../../src/protocol/bearer-challenge';

const nothing = { scopes: [], resourceMetadata: '' };
const all = { scopes: ['a', 'b'], resourceMetadata: 'https://app.test/.well-known/oauth-protected-resource' };

it('a request without a token is told no error', () => {
  expect(bearerChallenge(undefined, nothing)).toBe('Bearer');
  expect(bearerChallenge(undefined, all)).toBe(`Bearer scope="a b", resource_metadata="${all.resourceMetadata}"`);
  expect(bearerError(undefined)).toEqual({ error: 'token_required' });
});

it.each([
  ['bearer_request_invalid', 'invalid_request', false],
  ['bearer_token_invalid', 'invalid_token', false],
  ['bearer_scope_missing', 'insufficient_scope', true],
  ['not_allowed', 'insufficient_scope', false],
] as const)('%s is %s', (code, error, hasScope) => {
  const challenge = bearerChallenge(code, all);
  expect(challenge).toMatch(new RegExp(`^Bearer error="${error}", error_description="[^"\\\\]+", `));
  expect(challenge.includes('scope="a b"')).toBe(hasScope);
  expect(bearerError(code).error).toBe(error);
});

it('a sign-in that does not do is told what would (RFC 9470)', () => {
  const stepUp = { acrValues: ['mfa', 'hwk'], maxAge: 300 };
  const begin =
    'Bearer error="insufficient_user_authentication", error_description="A more recent or a stronger sign-in is needed"';
  expect(bearerChallenge('step_up_required', { ...nothing, stepUp })).toBe(
    `${begin}, acr_values="mfa hwk", max_age="300"`,
  );
  expect(bearerChallenge('bearer_token_invalid', { ...nothing, stepUp })).not.toContain('acr_values');
  expect(bearerChallenge(undefined, { ...nothing, stepUp })).toBe('Bearer');
});

it('an error of this site is none of the token', () => {
  expect(bearerChallenge('store_failed', nothing)).toBe('Bearer');
  expect(bearerError('store_failed')).toEqual({ error: 'store_failed' });
});

it('a place where tokens must be bound says in which ways they may come (RFC 9449 sections 7.1 and 7.2)', () => {
  const algorithms = ['ES256', 'PS256'];
  expect(bearerChallenge(undefined, { ...nothing, proofAlgorithms: algorithms })).toBe('DPoP algs="ES256 PS256"');
  expect(bearerChallenge(undefined, { ...nothing, orProofAlgorithms: algorithms })).toBe(
    'Bearer, DPoP algs="ES256 PS256"',
  );
  expect(bearerChallenge('bearer_token_invalid', { ...nothing, orProofAlgorithms: algorithms })).toMatch(
    /^Bearer error="invalid_token", error_description="[^"]+", DPoP algs="ES256 PS256"$/,
  );
});
