import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config';

const complete = {
  issuer: 'https://idp.test',
  client: 'client',
  client_secret: 'secret',
  hmac_key: '0123456789abcdef',
};
const read = (changes: Record<string, string> = {}) => {
  const variables: Record<string, string> = { ...complete, ...changes };
  return readConfig((name) => variables[name.replace('oidc_', '')]);
};
const refused = (name: string) =>
  expect.objectContaining({ code: 'config_invalid', detail: expect.stringContaining(`$oidc_${name} `) });

describe('the configuration', () => {
  it('needs an issuer, a client and a key', () => {
    expect(read()).toMatchObject({ ...complete, session_timeout: 28800, pkce_enable: true });
  });

  it.each(['client', 'hmac_key'])('is refused without %s', (name) => {
    expect(() => read({ [name]: '' })).toThrow(refused(name));
  });

  it.each(['short', '0123456789abcde', 'ChangeMe', 'changeme-0123456789abcdef', 'CHANGE this to something long'])(
    'is refused with the key %j',
    (hmac_key) => {
      expect(() => read({ hmac_key })).toThrow(refused('hmac_key'));
    },
  );

  it('never has a secret in an error', () => {
    expect(() => read({ hmac_key: 'topsecret' })).toThrow(
      expect.not.objectContaining({ detail: expect.stringContaining('topsecret') }),
    );
  });

  it.each(['authz_endpoint', 'token_endpoint', 'jwt_keyfile'])('without an issuer needs %s', (missing) => {
    const byHand = {
      issuer: '',
      authz_endpoint: 'https://idp.test/authorize',
      token_endpoint: 'https://idp.test/token',
      jwt_keyfile: 'https://idp.test/jwks',
    };
    expect(read(byHand)).toMatchObject(byHand);
    expect(() => read({ ...byHand, [missing]: '' })).toThrow(refused(missing));
  });

  it.each([
    'issuer',
    'authz_endpoint',
    'token_endpoint',
    'jwt_keyfile',
    'userinfo_endpoint',
    'end_session_endpoint',
    'revocation_endpoint',
  ])('calls no provider over plain HTTP by %s, unless it is told to', (name) => {
    const http = { [name]: 'http://127.0.0.1:9000/x' };
    expect(() => read(http)).toThrow(refused(name));
    expect(read({ ...http, insecure_http_provider: '1' })).toMatchObject(http);
  });

  it('may have its keys in a file', () => {
    expect(read({ jwt_keyfile: '/etc/nginx/keys.json' }).jwt_keyfile).toBe('/etc/nginx/keys.json');
  });

  it('of one provider has none by name, whatever a variable says', () => {
    expect(read({ provider: 'acme' }).provider).toBe('');
  });

  it('of several providers is that of one of the list', () => {
    expect(read({ providers: 'acme globex', provider: 'globex' }).provider).toBe('globex');
    for (const provider of ['', 'evil', 'acme globex', 'ACME']) {
      expect(() => read({ providers: 'acme globex', provider })).toThrow(
        expect.objectContaining({ code: 'provider_unknown' }),
      );
    }
  });

  it('with tenants has an issuer that is of many', () => {
    const many = 'https://login.test/organizations/v2.0';
    expect(read({ issuer: many, tenants: 'T-1 t-2' }).tenants).toEqual(['t-1', 't-2']);
    expect(() => read({ tenants: 't-1' })).toThrow(refused('tenants'));
    for (const tenants of ['organizations', 'common', '*', 't-1/..', '{tenantid}']) {
      expect(() => read({ issuer: many, tenants })).toThrow(refused('tenants'));
    }
  });
});
