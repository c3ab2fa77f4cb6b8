import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTokenResponse } from '../../../src/protocol/token-response';

const good = { access_token: 'at', token_type: 'Bearer' };
const parse = (body: unknown, status = 200, type = 'application/json') =>
  parseTokenResponse(status, type, typeof body === 'string' ? body : JSON.stringify(body));
const failure = (code: string, detail = '') =>
  expect.objectContaining({ code, detail: expect.stringContaining(detail) });

describe('a token response', () => {
  it('is read', () => {
    expect(parse({ ...good, id_token: 'id', refresh_token: 'rt', expires_in: 300, scope: 'openid' })).toEqual({
      accessToken: 'at',
      idToken: 'id',
      refreshToken: 'rt',
      expiresIn: 300,
    });
  });

  it('is bound to a key exactly where one was proved', () => {
    const bound = JSON.stringify({ access_token: 'at', token_type: 'dPoP' });
    expect(parseTokenResponse(200, 'application/json', bound, 'DPoP').accessToken).toBe('at');
    expect(() => parseTokenResponse(200, 'application/json', bound)).toThrow('(dPoP) that is not Bearer');
    expect(() => parseTokenResponse(200, 'application/json', JSON.stringify(good), 'DPoP')).toThrow(
      'turn DPoP on for this client',
    );
  });

  it.each(['Bearer', 'bearer', 'BEARER'])('may be of type %s', (token_type) => {
    expect(parse({ ...good, token_type })).toEqual({ accessToken: 'at' });
  });

  it.each([
    [300, 300],
    ['300', 300],
    [299.9, 299],
    [0, undefined],
    [-1, undefined],
    ['', undefined],
    ['soon', undefined],
    [1e300, undefined],
    [null, undefined],
    [[300], undefined],
    [{ toString: 1, valueOf: 1 }, undefined],
  ])('with expires_in %j lives for %s', (expires_in, expected) => {
    expect(parse({ ...good, expires_in }).expiresIn).toBe(expected);
  });

  it.each([
    ['no access token', { ...good, access_token: undefined }],
    ['an empty access token', { ...good, access_token: '' }],
    ['an access token that is a number', { ...good, access_token: 7 }],
    ['no type', { ...good, token_type: undefined }],
    ['another type', { ...good, token_type: 'DPoP' }],
    ['an access token that would begin another header', { ...good, access_token: 'a\r\nX-Admin: 1' }],
    ['a refresh token that is not ASCII', { ...good, refresh_token: 'r\ud800' }],
    ['half of its JSON', '{"access_token":"a'],
    ['HTML', '<html>'],
    ['nothing', ''],
    ['a list', [good]],
  ])('with %s is none', (_name, body) => {
    expect(() => parse(body)).toThrow(failure('token_response_invalid'));
  });

  it.each([201, 204, 301, 302, 400, 404])('with status %i is none', (status) => {
    expect(() => parse(good, status)).toThrow(failure('token_response_invalid', String(status)));
  });

  it.each([429, 500, 502, 503, 504])(
    'with status %i means that the provider is in trouble, whatever it says',
    (status) => {
      expect(() => parse({ error: 'invalid_grant' }, status)).toThrow(failure('provider_unreachable'));
    },
  );

  it.each([400, 401, 403, 200])('with status %i and an error is the refusal that it names', (status) => {
    const error = { error: 'invalid_grant', error_description: 'used\r\nbefore' };
    expect(() => parse({ ...good, ...error }, status)).toThrow(
      expect.objectContaining({
        code: 'token_request_failed',
        oauthError: 'invalid_grant',
        detail: expect.stringContaining('invalid_grant used??before'),
      }),
    );
  });

  it.each([
    ['invalid_client', 401],
    ['invalid_client', 400],
    ['unauthorized_client', 403],
    ['unauthorized_client', 401],
  ])('that refuses the client with %s and %i tells what to check', (error, status) => {
    expect(() => parse({ error }, status)).toThrow(failure('token_request_failed', '$oidc_client_secret'));
    expect(() => parse({ error }, status)).toThrow(failure('token_request_failed', 'client_secret_basic_unencoded'));
  });

  it('never has its tokens in an error', () => {
    const body = JSON.stringify({ ...good, access_token: 'secret-token', token_type: 'mac' });
    expect(() => parse(body)).toThrow(expect.not.objectContaining({ detail: expect.stringContaining('secret-token') }));
  });

  it('of any shape is a response or one clear error', () => {
    const value = fc.oneof(fc.constantFrom('Bearer', 'at', 'invalid_grant', 300), fc.jsonValue());
    const names = ['access_token', 'token_type', 'expires_in', 'id_token', 'refresh_token', 'error'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), fc.nat(600), (body, status) => {
        try {
          expect(parse({ ...good, ...body }, status).accessToken).toMatch(/^[ -~]+$/);
          expect(status).toBe(200);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^token_|^provider_unreachable$/) });
        }
      }),
    );
  });
});
