import { expect, it } from 'vitest';
import { tokensToRevoke } from '../../../src/protocol/revocation-request';

const hintsAndTokens = (...args: Parameters<typeof tokensToRevoke>) =>
  tokensToRevoke(...args).map(({ form }) => [Object.fromEntries(form).token_type_hint, Object.fromEntries(form).token]);

it('the refresh token is revoked first, then the access token where that is wanted', () => {
  const tokens = { refreshToken: 'R', accessToken: 'A' };
  expect(hintsAndTokens(tokens, true)).toEqual([
    ['refresh_token', 'R'],
    ['access_token', 'A'],
  ]);
  expect(hintsAndTokens(tokens, false)).toEqual([['refresh_token', 'R']]);
});

it('a token that there is not is not revoked', () => {
  expect(hintsAndTokens({ refreshToken: '', accessToken: 'A' }, true)).toEqual([['access_token', 'A']]);
  expect(hintsAndTokens({ refreshToken: '', accessToken: '' }, true)).toEqual([]);
});
