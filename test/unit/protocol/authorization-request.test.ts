import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AuthorizationRequest,
  authorizationParameters,
  authorizationUrl,
} from '../../../src/protocol/authorization-request';

const request = {
  endpoint: 'https://idp.test/authorize',
  clientId: 'a client&x',
  redirectUri: 'https://app.test/_codexch',
  scope: 'openid profile',
  state: 'S',
  nonce: 'N',
};
const buildAuthorizationUrl = ({ endpoint, ...more }: AuthorizationRequest & { endpoint: string }) =>
  authorizationUrl(endpoint, authorizationParameters(more));
const query = (url: string) => Object.fromEntries(new URL(url).searchParams);
const refused = (name: string) =>
  expect.objectContaining({ code: 'config_invalid', detail: expect.stringContaining(name) });

describe('an authorization request', () => {
  it('says what the provider must know, each value encoded', () => {
    const url = buildAuthorizationUrl({ ...request, codeChallenge: 'C' });
    expect(query(url)).toEqual({
      response_type: 'code',
      client_id: 'a client&x',
      redirect_uri: 'https://app.test/_codexch',
      scope: 'openid profile',
      state: 'S',
      nonce: 'N',
      code_challenge: 'C',
      code_challenge_method: 'S256',
    });
  });

  it('says how the answer is to come where that is not the query', () => {
    expect(query(buildAuthorizationUrl({ ...request, responseMode: 'form_post' })).response_mode).toBe('form_post');
    expect(buildAuthorizationUrl({ ...request, responseMode: '' })).not.toContain('response_mode');
  });

  it('means the same by the extra arguments as whoever wrote them', () => {
    const extraArgs = 'claims=%7B%22a%22%3A%22b%2Bc%22%7D&ui_locales=de+en';
    expect(query(buildAuthorizationUrl({ ...request, extraArgs }))).toMatchObject({
      claims: '{"a":"b+c"}',
      ui_locales: 'de en',
    });
  });

  it('has no code challenge without PKCE', () => {
    expect(buildAuthorizationUrl(request)).not.toContain('code_challenge');
  });

  it('keeps the query that the endpoint has', () => {
    const url = buildAuthorizationUrl({ ...request, endpoint: 'https://idp.test/authorize?policy=b2c' });
    expect(query(url)).toMatchObject({ policy: 'b2c', state: 'S' });
  });

  it.each(['prompt=login&ui_locales=de', '&prompt=login&ui_locales=de', '?prompt=login&ui_locales=de'])(
    'carries the extra arguments of %j',
    (extraArgs) => {
      expect(buildAuthorizationUrl({ ...request, extraArgs })).toMatch(/&prompt=login&ui_locales=de$/);
    },
  );

  it.each([
    'response_type',
    'client_id',
    'redirect_uri',
    'scope',
    'state',
    'nonce',
    'code_challenge',
    'code_challenge_method',
    'response_mode',
    'request',
    'request_uri',
  ])('never lets extra arguments set %s', (name) => {
    for (const extraArgs of [`${name}=x`, `a=b&${name}`, `%${name.charCodeAt(0).toString(16)}${name.slice(1)}=x`]) {
      expect(() => buildAuthorizationUrl({ ...request, extraArgs }), extraArgs).toThrow(refused(name));
    }
  });

  it.each(['a=1&a=2', 'a=%', 'a=b c', 'a=b#c', 'a=é', 'a=b\r\nX: y', 'a=%ff'])('refuses %j as extra', (extraArgs) => {
    expect(() => buildAuthorizationUrl({ ...request, extraArgs })).toThrow(refused('$oidc_authz_extra_args'));
  });

  it('hands on who it may be, unless the operator says who', () => {
    const loginHint = 'al&ice@example.com';
    expect(query(buildAuthorizationUrl({ ...request, loginHint })).login_hint).toBe(loginHint);
    const extraArgs = 'login_hint=bob&ui_locales=de';
    const both = buildAuthorizationUrl({ ...request, loginHint, extraArgs });
    expect(new URL(both).searchParams.getAll('login_hint')).toEqual(['bob']);
    expect(query(buildAuthorizationUrl(request)).login_hint).toBeUndefined();
  });

  it('brings every value through', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (clientId, scope) => {
        const sent = query(buildAuthorizationUrl({ ...request, clientId, scope }));
        expect(sent).toMatchObject({ client_id: clientId, scope, state: 'S' });
      }),
    );
  });
});
