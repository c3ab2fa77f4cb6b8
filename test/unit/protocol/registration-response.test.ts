import { describe, expect, it } from 'vitest';
import { checkDeletion, checkManagementUri, parseRegistration } from '../../../src/protocol/registration-response';

const endpoint = 'https://idp.test/reg';
const management = {
  registration_client_uri: 'https://idp.test/reg/abc?x=1',
  registration_access_token: 'aA0-._~+/=',
};
const proper = { client_id: 'abc', client_secret: 'secret', ...management };
const parse = (body: object | string, metadata = {}, isKnown = false, status = 201) =>
  parseRegistration(status, typeof body === 'string' ? body : JSON.stringify(body), { metadata, endpoint, isKnown });
const refused = (detail: RegExp, code = 'registration_failed') =>
  expect.objectContaining({ code, detail: expect.stringMatching(detail) });

describe('the answer to a registration', () => {
  it('gives id, secret, method and the way to change it', () => {
    expect(parse({ ...proper, client_secret_expires_at: 1_900_000_000 })).toEqual({
      clientId: 'abc',
      clientSecret: 'secret',
      secretExpires: 1_900_000_000,
      authMethod: 'client_secret_basic',
      management: { uri: management.registration_client_uri, token: management.registration_access_token },
      differences: [],
    });
  });

  it('has the method that the provider says, else the one that was asked for', () => {
    expect(parse(proper, { token_endpoint_auth_method: 'client_secret_post' }).authMethod).toBe('client_secret_post');
    expect(parse({ ...proper, token_endpoint_auth_method: 'client_secret_jwt' }).authMethod).toBe('client_secret_jwt');
    const none = { client_id: 'abc', client_secret: '', token_endpoint_auth_method: 'private_key_jwt' };
    expect(parse(none)).toMatchObject({ clientSecret: '', authMethod: 'private_key_jwt', management: undefined });
  });

  it.each([0, -1, 1e12, '5', null, undefined])('with a secret that expires at %j has one that never does', (at) => {
    expect(parse({ ...proper, client_secret_expires_at: at }).secretExpires).toBe(0);
  });

  it.each([
    ['', /no client_id/],
    ['<html>', /no client_id/],
    ['[]', /no client_id/],
    [{}, /no client_id/],
    [{ ...proper, client_id: '' }, /no client_id/],
    [{ ...proper, client_id: 7 }, /no client_id/],
    [{ ...proper, client_id: 'a\nb' }, /not visible ASCII/],
    [{ ...proper, client_id: 'a\n' }, /not visible ASCII/],
    [{ ...proper, client_id: 'é' }, /not visible ASCII/],
    [{ ...proper, client_id: 'a'.repeat(2001) }, /not visible ASCII/],
    [{ ...proper, client_secret: 'b\r' }, /not visible ASCII/],
    [{ ...proper, client_secret: 'b\u0000' }, /not visible ASCII/],
    [{ ...proper, client_secret: ['b'] }, /not visible ASCII/],
    [{ ...proper, token_endpoint_auth_method: 'a";' }, /not visible ASCII/],
    [{ ...proper, token_endpoint_auth_method: 'a\n' }, /not visible ASCII/],
    [{ client_id: 'abc' }, /no client_secret, although .* client_secret_basic/],
  ])('%j is none', (body, detail) => {
    expect(() => parse(body)).toThrow(refused(detail));
  });

  it('without a secret is one of a client that there is', () => {
    expect(parse({ client_id: 'abc' }, {}, true, 200).clientSecret).toBe('');
  });

  it.each([
    { registration_client_uri: undefined },
    { registration_access_token: undefined },
    { registration_client_uri: 'https://evil.test/reg/abc' },
    { registration_client_uri: 'https://idp.test.evil/reg/abc' },
    { registration_client_uri: 'http://idp.test/reg/abc' },
    { registration_client_uri: 'https://idp.test/reg/abc\n' },
    { registration_client_uri: "https://idp.test/reg/abc' -o /etc/x '" },
    { registration_client_uri: 'https://idp.test/`id`' },
    { registration_client_uri: 'https://a@idp.test/reg' },
    { registration_access_token: "a' b" },
    { registration_access_token: 'a\n' },
    { registration_access_token: 'a'.repeat(4001) },
  ])('with %j gives no way to change it', (changes) => {
    expect(parse({ ...proper, ...changes })).toMatchObject({ clientId: 'abc', management: undefined });
  });

  it('says what was registered otherwise than asked', () => {
    const asked = {
      redirect_uris: ['https://a.test/', 'https://b.test/'],
      scope: 'openid email',
      grant_types: ['authorization_code', 'refresh_token'],
      dpop_bound_access_tokens: true,
      client_name: 'Name',
    };
    const answer = {
      ...proper,
      redirect_uris: ['https://b.test/', 'https://a.test/'],
      scope: 'email openid',
      grant_types: ['authorization_code'],
      dpop_bound_access_tokens: false,
      contacts: ['x'],
      client_name: 'Na\nme',
    };
    expect(parse(answer, asked).differences).toEqual([
      'grant_types is ["authorization_code"], not ["authorization_code","refresh_token"]',
      'dpop_bound_access_tokens is false, not true',
      'client_name is "Na\\nme", not "Name"',
    ]);
  });

  it.each([
    [400, '{"error":"invalid_redirect_uri","error_description":"no\\nway"}', /400 .*invalid_redirect_uri no\?way: is/],
    [400, '{"error":"invalid_client_metadata"}', /invalid_client_metadata: send what it wants/],
    [400, '{"error":"__proto__"}', /__proto__$/],
    [400, 'nonsense', /answered 400 to the registration$/],
    [401, '', /initial access token.*curl -H/],
    [403, '{"error":"access_denied"}', /access_denied: it may want an initial access token/],
    [302, '{}', /answered 302/],
    [204, '', /answered 204/],
  ])('%i %s is a refusal', (status, text, detail) => {
    expect(() => parse(text, {}, false, status)).toThrow(refused(detail));
  });

  it.each([500, 503, 429])('of %i means that the provider is in trouble', (status) => {
    expect(() => parse(proper, {}, false, status)).toThrow(refused(/answered/, 'provider_unreachable'));
  });

  it('of 401 about a client that there is speaks of its own token', () => {
    expect(() => parse('', {}, true, 401)).toThrow(refused(/registration_access_token of this client/));
    const asked = { metadata: {}, endpoint, isKnown: true };
    expect(() => checkDeletion(401, '', asked)).toThrow(refused(/registration_access_token of this client/));
    expect(() => checkDeletion(204, '', asked)).not.toThrow();
    expect(() => checkDeletion(405, '{"error":"x"}', asked)).toThrow(refused(/answered 405 .*, x$/));
  });
});

describe('the address of a registration', () => {
  it('is of the same origin as the endpoint', () => {
    for (const uri of ['https://idp.test/reg/abc', 'https://IDP.test:443/other?id=1']) {
      expect(() => checkManagementUri(uri, endpoint)).not.toThrow();
    }
    for (const uri of ['', 'https://idp.test', 'https://idp.test:8443/x', 'https://evil.test/https://idp.test/', 'x']) {
      expect(() => checkManagementUri(uri, endpoint)).toThrow(refused(/no registration_client_uri/));
    }
  });
});
