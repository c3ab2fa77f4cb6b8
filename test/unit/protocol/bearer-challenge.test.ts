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
] as const)('%s is %s', (code, error, hasScope) => {
  const challenge = bearerChallenge(code, all);
  expect(challenge).toMatch(new RegExp(`^Bearer error="${error}", error_description="[^"\\\\]+", `));
  expect(challenge.includes('scope="a b"')).toBe(hasScope);
  expect(bearerError(code).error).toBe(error);
});

it('an error of this site is none of the token', () => {
  expect(bearerChallenge('store_failed', nothing)).toBe('Bearer');
  expect(bearerError('store_failed')).toEqual({ error: 'store_failed' });
});
