import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkResponseIssuer, parseAuthorizationResponse } from '../../../src/protocol/authorization-response';
import type { ProviderMetadata } from '../../../src/protocol/discovery';

const invalid = expect.objectContaining({ code: 'callback_invalid' });

describe('an authorization response', () => {
  it.each([
    ['state=S&code=C', { state: 'S', code: 'C' }],
    ['code=a%2Bb&state=S&iss=https%3A%2F%2Fidp.test', { state: 'S', code: 'a+b', iss: 'https://idp.test' }],
    ['state=S&code=C&session_state=x', { state: 'S', code: 'C' }],
    ['state=S&error=access_denied', { state: 'S', error: 'access_denied' }],
    ['state=S&error=e&error_description=no+way', { state: 'S', error: 'e', errorDescription: 'no way' }],
    ['state=S&error=e&code=', { state: 'S', error: 'e' }],
    ['error=e', { state: '', error: 'e' }],
  ])('%s is read', (query, expected) => {
    expect(parseAuthorizationResponse(query)).toEqual(expected);
  });

  it.each([
    ['', 'nothing'],
    ['code=C', 'no state'],
    ['state=&code=C', 'an empty state'],
    ['state=S', 'neither code nor error'],
    ['state=S&code=', 'an empty code'],
    ['state=S&code=C&error=e', 'both code and error'],
    ['code=C&error=e', 'both, and no state'],
    ['state=S&state=S&code=C', 'two states'],
    ['state=S&code=C&code=D', 'two codes'],
    ['state=S&code=C&iss=a&iss=b', 'two issuers'],
    ['state=S&code=C&c%6Fde=D', 'two codes, one encoded'],
    ['state=S&code=%', 'broken encoding'],
    ['state=S&code=%C3%28', 'broken UTF-8'],
    ['State=S&Code=C', 'other names'],
  ])('%j is none: %s', (query) => {
    expect(() => parseAuthorizationResponse(query)).toThrow(invalid);
  });

  it('of any query is read or refused', () => {
    const piece = fc.oneof(fc.constantFrom('state=', 'code=', 'error=', '&', '=', '%', '%41', 'x'), fc.string());
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          const response = parseAuthorizationResponse(pieces.join(''));
          expect('error' in response || response.state !== '').toBe(true);
          expect('code' in response).not.toBe('error' in response);
        } catch (error) {
          expect(error).toMatchObject({ code: 'callback_invalid' });
        }
      }),
    );
  });
});

describe('the issuer of a response', () => {
  const check = (iss: string | undefined, promised: boolean) => () =>
    checkResponseIssuer(iss === undefined ? { state: 'S', code: 'C' } : { state: 'S', code: 'C', iss }, {
      issuer: 'https://idp.test',
      ...(promised ? { authorization_response_iss_parameter_supported: true } : {}),
    } as ProviderMetadata);
  const mismatch = expect.objectContaining({ code: 'issuer_mismatch' });

  it('is the one that was asked', () => {
    expect(check('https://idp.test', true)).not.toThrow();
    expect(check('https://idp.test', false)).not.toThrow();
    expect(check(undefined, false)).not.toThrow();
  });

  it.each(['', 'https://idp.test/', 'https://idp.test.evil.test', 'https://other.test'])('is not %j', (iss) => {
    expect(check(iss, true)).toThrow(mismatch);
    expect(check(iss, false)).toThrow(mismatch);
  });

  it('is not missing where the metadata promises it', () => {
    expect(check(undefined, true)).toThrow(mismatch);
  });
});
