import { describe, expect, it } from 'vitest';
import { isBearer } from '../../../src/protocol/bearer-scheme';
import { bearerToken, hasTokenInQuery } from '../../../src/protocol/bearer-token';

describe('an Authorization header', () => {
  it.each(['Bearer x', 'bearer x', 'BEARER\tx', 'Bearer', 'Bearer ', 'DPoP x', 'dpop'])(
    'of the scheme Bearer or DPoP: "%s"',
    (header) => {
      expect(isBearer(header)).toBe(true);
    },
  );

  it.each(['', 'Basic x', 'Bearerx y', ' Bearer x', 'DPoPx', 'x Bearer y'])('of another: "%s"', (header) => {
    expect(isBearer(header)).toBe(false);
  });

  it.each([
    ['Bearer a.b-c_d~e+f/g==', 'a.b-c_d~e+f/g=='],
    ['bEARER  x ', 'x'],
  ])('has a token: "%s"', (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer\tx',
    'Bearer a b',
    'Bearer a, Bearer b',
    'Bearer =a',
    'Bearer a=b',
    'Bearer "a"',
    'Bearer é',
    'Bearer a\nb',
  ])('that is malformed is refused: %j', (header) => {
    expect(() => bearerToken(header)).toThrow('bearer_request_invalid');
  });
});

it.each([
  ['/api?access_token=x', true],
  ['/api?a=b&access_token=', true],
  ['/api?a=b&my_access_token=x', false],
  ['/access_token=x', false],
  ['/api', false],
])('a token in the address %s: %s', (address, found) => {
  expect(hasTokenInQuery(address)).toBe(found);
});
