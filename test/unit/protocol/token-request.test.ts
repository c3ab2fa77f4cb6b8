import { expect, it } from 'vitest';
import { authorizationCodeGrant, refreshTokenGrant } from '../../../src/protocol/token-request';

it('a code is exchanged with the redirect URI of its request and its code verifier', () => {
  expect(authorizationCodeGrant({ code: 'C', redirectUri: 'https://app.test/_codexch', codeVerifier: 'V' })).toEqual([
    ['grant_type', 'authorization_code'],
    ['code', 'C'],
    ['redirect_uri', 'https://app.test/_codexch'],
    ['code_verifier', 'V'],
  ]);
});

it('a code is exchanged without a code verifier where PKCE is off', () => {
  const names = authorizationCodeGrant({ code: 'C', redirectUri: 'R' }).map(([name]) => name);
  expect(names).toEqual(['grant_type', 'code', 'redirect_uri']);
});

it('a refresh token asks for no other scope than it has', () => {
  expect(refreshTokenGrant('RT')).toEqual([
    ['grant_type', 'refresh_token'],
    ['refresh_token', 'RT'],
  ]);
});
