import { describe, expect, it } from 'vitest';
import { activeToken, parseIntrospection } from '../../../src/protocol/introspection-response';

const now = 1_800_000_000;
const expected = { issuer: 'https://idp.test', audiences: ['api'], now, clockSkew: 30 };
const json = (body: unknown) => parseIntrospection(200, 'application/json', JSON.stringify(body));
const answer = (changes: Record<string, unknown> = {}) => ({ active: true, aud: 'api', sub: 'alice', ...changes });

describe('what a provider says of a token', () => {
  it('that is active is what it says, of any other nothing', () => {
    expect(json(answer())).toMatchObject({ sub: 'alice' });
    expect(json({ active: false, sub: 'alice' })).toBe(undefined);
  });

  it.each([
    [200, '{"active":"true"}'],
    [200, '{"active":1}'],
    [200, '{}'],
    [200, '[true]'],
    [200, 'eyJ.a.b'],
    [200, '{"active":true,"error":"invalid_client"}'],
    [401, '{"error":"invalid_client"}'],
    [401, '{"active":true}'],
    [500, ''],
  ])('is no word on it where it is %i %s', (status, text) => {
    expect(() => parseIntrospection(status, 'text/plain', text)).toThrow('introspection_failed');
  });

  it('holds as what a JWT says, though issuer and end may be missing', () => {
    expect(activeToken(answer({ scope: 'a b' }), expected)).toMatchObject({ scopes: ['a', 'b'], exp: undefined });
    const bound = answer({ token_type: 'DPoP', cnf: { jkt: 'x' } });
    expect(activeToken(bound, { ...expected, proven: { jkt: 'x', certificate: '' } }).claims.sub).toBeDefined();
    expect(activeToken(answer({ iss: 'https://idp.test', exp: now + 9, token_type: 'bearer' }), expected).exp).toBe(
      now + 9,
    );
  });

  it('of a token without a person is said of its client', () => {
    expect(activeToken(answer({ sub: undefined, client_id: 'program' }), expected).claims.sub).toBe('program');
    expect(activeToken(answer({ client_id: 'program' }), expected).claims.sub).toBe('alice');
  });

  it.each([
    ['nothing', undefined],
    ['another API', answer({ aud: 'other' })],
    ['no API', answer({ aud: undefined })],
    ['another issuer', answer({ iss: 'https://other.test' })],
    ['an end that is over', answer({ exp: now - 30 })],
    ['an end that is text', answer({ exp: String(now + 9) })],
    ['a beginning to come', answer({ nbf: now + 31 })],
    ['nobody', answer({ sub: undefined })],
    ['another type', answer({ token_type: 'DPoP' })],
    ['a type that is none', answer({ token_type: 'N_A' })],
    ['a type that is no text', answer({ token_type: { toString: 1 } })],
    ['a use that is no text', answer({ token_use: { toString: 1 } })],
    ['a refresh token', answer({ token_use: 'refresh_token' })],
    ['a token that is bound to a key', answer({ cnf: { jkt: 'x' } })],
  ])('refuses %s', (_name, said) => {
    expect(() => activeToken(said, expected)).toThrow('bearer_token_invalid');
  });
});
