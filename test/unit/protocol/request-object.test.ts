import { describe, expect, it } from 'vitest';
import { beyondUsual, requestObjectClaims, withUsual } from '../../../src/protocol/request-object';

const pairs: [string, string][] = [
  ['response_type', 'code'],
  ['client_id', 'client'],
  ['state', '12'],
];
const claimsOf = (...more: [string, string][]) =>
  requestObjectClaims(pairs.concat(more), 'https://idp.test', 'J', 1000);

describe('a request object', () => {
  it('says the request, who signs it, for whom, and for five minutes (RFC 9101, FAPI 2.0 message signing 5.3.1)', () => {
    expect(claimsOf()).toEqual({
      response_type: 'code',
      client_id: 'client',
      state: '12',
      iss: 'client',
      aud: 'https://idp.test',
      jti: 'J',
      iat: 1000,
      nbf: 1000,
      exp: 1300,
    });
  });

  it('has no "sub", so that nobody can use it as a client assertion (RFC 9101 section 10.8)', () => {
    expect(claimsOf()).not.toHaveProperty('sub');
  });

  it('has numbers and JSON as such (OpenID Connect Core 6.1)', () => {
    expect(claimsOf(['max_age', '300'], ['claims', '{"id_token":{"acr":null}}'])).toMatchObject({
      max_age: 300,
      claims: { id_token: { acr: null } },
    });
    expect(claimsOf(['claims', 'nonsense'])).toMatchObject({ claims: 'nonsense' });
  });

  it.each(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti'])('lets no parameter replace "%s"', (name) => {
    expect(claimsOf([name, 'other'])).toEqual(claimsOf());
  });
});

describe('a request without what its site says of each', () => {
  const usual: [string, string][] = [
    ['client_id', 'C'],
    ['state', ''],
    ['code_challenge_method', 'S256'],
    ['max_age', '600'],
  ];

  it('is whole again with it', () => {
    const request: [string, string][] = [
      ['client_id', 'C'],
      ['state', 'S'],
      ['code_challenge_method', 'S256'],
      ['max_age', '60'],
      ['login_hint', 'alice'],
    ];
    const beyond = beyondUsual(request, usual);
    expect(beyond).toEqual([
      ['state', 'S'],
      ['max_age', '60'],
      ['login_hint', 'alice'],
    ]);
    expect(Object.fromEntries(withUsual(beyond, usual))).toEqual(Object.fromEntries(request));
  });
});
