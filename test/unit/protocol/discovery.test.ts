import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discoveryUrl, parseMetadata } from '../../../src/protocol/discovery';

const issuer = 'https://idp.test/realm';
const document = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
};
const parse = (changes: object, allowHttp?: boolean) =>
  parseMetadata(JSON.stringify({ ...document, ...changes }), issuer, allowHttp);
const refused = expect.objectContaining({ code: 'discovery_invalid' });

describe('the discovery URL', () => {
  it.each([
    ['https://idp.test', 'https://idp.test/.well-known/openid-configuration'],
    ['https://idp.test/', 'https://idp.test/.well-known/openid-configuration'],
    ['https://idp.test/a/b', 'https://idp.test/a/b/.well-known/openid-configuration'],
  ])('of %s', (from, url) => {
    expect(discoveryUrl(from)).toBe(url);
  });
});

describe('provider metadata', () => {
  it('keep what is used', () => {
    const used = {
      userinfo_endpoint: `${issuer}/userinfo`,
      end_session_endpoint: `${issuer}/logout?x=1`,
      revocation_endpoint: `${issuer}/revoke`,
      scopes_supported: ['openid'],
      token_endpoint_auth_methods_supported: ['none'],
      authorization_response_iss_parameter_supported: true,
      frontchannel_logout_supported: true,
      backchannel_logout_supported: true,
    };
    expect(parse({ ...used, claims_supported: ['sub'], signed_metadata: 'x' })).toEqual({ ...document, ...used });
  });

  it.each([
    undefined,
    null,
    '',
    'https://idp.test',
    'https://idp.test/realm/',
    'https://idp.test/realm/x',
    'HTTPS://idp.test/realm',
    [issuer],
    7,
    { toString: 1, valueOf: 1 },
  ])('of issuer %j are not those of the one configured', (other) => {
    expect(() => parse({ issuer: other })).toThrow(refused);
  });

  it.each(['authorization_endpoint', 'token_endpoint', 'jwks_uri'])('need %s', (name) => {
    for (const value of [undefined, null, '', 7, [`${issuer}/x`], {}]) {
      expect(() => parse({ [name]: value }), String(value)).toThrow(refused);
    }
  });

  it.each([
    'http://idp.test/x',
    'ftp://idp.test/x',
    'javascript:alert(1)',
    '//idp.test/x',
    '/x',
    'https://',
    'https://idp.test/a b',
    'https://idp.test/\r\nX: y',
    'https://idp.tést/',
  ])('have no endpoint %j', (url) => {
    for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'end_session_endpoint']) {
      expect(() => parse({ [name]: url }), name).toThrow(refused);
    }
  });

  it('may name http endpoints only where the operator allows them', () => {
    const http = { token_endpoint: 'http://127.0.0.1:9000/token' };
    expect(() => parse(http)).toThrow(refused);
    expect(parse(http, true)).toMatchObject(http);
    expect(() => parse({ token_endpoint: 'ftp://x/' }, true)).toThrow(refused);
  });

  it('leave out lists that are none', () => {
    const strange = {
      scopes_supported: 'openid',
      token_endpoint_auth_methods_supported: ['none', 7],
      authorization_response_iss_parameter_supported: 'true',
      frontchannel_logout_supported: 1,
      backchannel_logout_supported: 'true',
    };
    expect(parse(strange)).toEqual(document);
  });

  it.each(['', '<html>', 'null', '[]', '{', '{"issuer":'])('are a JSON object, not %j', (text) => {
    expect(() => parseMetadata(text, issuer)).toThrow(refused);
  });

  it('of any shape are metadata of the issuer or one clear error', () => {
    const value = fc.oneof(fc.constantFrom(issuer, 'https://a.test/', 'http://a.test/'), fc.jsonValue());
    const names = Object.keys(document).concat('userinfo_endpoint', 'scopes_supported');
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (changes) => {
        try {
          const metadata = parse(changes);
          expect(metadata.issuer).toBe(issuer);
          expect(metadata.token_endpoint).toMatch(/^https:/);
        } catch (error) {
          expect(error).toMatchObject({ code: 'discovery_invalid' });
        }
      }),
    );
  });
});
