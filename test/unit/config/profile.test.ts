import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config';

const minimal = {
  oidc_issuer: 'https://idp.test',
  oidc_client: 'client',
  oidc_hmac_key: 'a-key-for-tests-only-0123456789abcdef',
  oidc_client_keyfile: '/etc/nginx/oidc/client.pem',
};
const read = (profile: string, more: Record<string, string> = {}) => {
  const set: Record<string, string> = { ...minimal, oidc_profile: profile, ...more };
  return readConfig((name) => set[name]);
};
const contradicts = (name: string, profile: string) =>
  expect.objectContaining({
    code: 'config_invalid',
    detail: expect.stringMatching(`^\\$oidc_${name} contradicts \\$oidc_profile ${profile}: `),
  });

describe('the profile', () => {
  it('fapi2 turns on pushed requests and strict algorithms', () => {
    const strict = {
      par: 'on',
      id_token_algs: ['PS256', 'ES256', 'EdDSA', 'Ed25519'],
      signed_request: '',
      response_mode: '',
    };
    expect(read('fapi2')).toMatchObject({ ...strict, pkce_enable: true });
  });

  it('fapi2-message-signing also turns on signed requests and responses', () => {
    expect(read('fapi2-message-signing')).toMatchObject({ par: 'on', signed_request: 'on', response_mode: 'jwt' });
  });

  it('none changes nothing', () => {
    const { profile, ...without } = read('');
    expect(profile).toBe('');
    expect(without).toMatchObject({ par: '', signed_request: '', response_mode: '' });
    expect(without.id_token_algs).toContain('RS256');
  });

  it.each([
    ['id_token_algs', 'ES256'],
    ['id_token_algs', 'EdDSA PS256'],
    ['client_signing_alg', 'PS256'],
    ['client_auth_method', 'tls_client_auth'],
    ['client_auth_method', 'private_key_jwt'],
    ['par', 'on'],
    ['base_url', 'https://app.test'],
    ['pkce_enable', '1'],
    ['bearer_bound', 'dpop'],
  ])('takes $oidc_%s %s', (name, value) => {
    expect(() => read('fapi2', { [`oidc_${name}`]: value })).not.toThrow();
    expect(() => read('fapi2-message-signing', { [`oidc_${name}`]: value })).not.toThrow();
  });

  it.each([
    ['insecure_http_provider', '1'],
    ['base_url', 'http://app.test'],
    ['redirect_uri', 'http://app.test/_codexch'],
    ['pkce_enable', '0'],
    ['par', 'off'],
    ['client_auth_method', 'client_secret_basic'],
    ['client_auth_method', 'client_secret_post'],
    ['client_auth_method', 'client_secret_jwt'],
    ['client_auth_method', 'none'],
    ['client_assertion_aud', 'token_endpoint'],
    ['bearer_bound', 'off'],
    ['client_signing_alg', 'RS256'],
    ['id_token_algs', 'PS256 RS256'],
    ['id_token_algs', 'HS256'],
  ])('refuses $oidc_%s %s by its name', (name, value) => {
    for (const profile of ['fapi2', 'fapi2-message-signing']) {
      expect(() => read(profile, { [`oidc_${name}`]: value })).toThrow(contradicts(name, profile));
    }
  });

  it.each([
    ['signed_request', 'off'],
    ['response_mode', 'form_post'],
  ])('fapi2-message-signing refuses $oidc_%s %s by its name', (name, value) => {
    expect(() => read('fapi2', { [`oidc_${name}`]: value })).not.toThrow();
    const change = { [`oidc_${name}`]: value };
    expect(() => read('fapi2-message-signing', change)).toThrow(contradicts(name, 'fapi2-message-signing'));
  });

  it('binds tokens to this client, by a key unless by a certificate', () => {
    expect(read('fapi2').dpop).toBe(true);
    expect(read('fapi2', { oidc_mtls: '1' }).dpop).toBe(false);
    expect(read('fapi2', { oidc_mtls: '1', oidc_dpop: '1' }).dpop).toBe(true);
    expect(read('fapi2', { oidc_client_auth_method: 'tls_client_auth', oidc_dpop: '0' }).dpop).toBe(false);
    expect(() => read('fapi2', { oidc_dpop: '0' })).toThrow(contradicts('dpop', 'fapi2'));
  });

  it('takes bound access tokens alone', () => {
    expect(read('').bearer_bound).toBe('off');
    expect(read('fapi2').bearer_bound).toBe('any');
    expect(read('fapi2', { oidc_bearer_bound: 'mtls' }).bearer_bound).toBe('mtls');
  });

  it('wants a key or a certificate', () => {
    expect(() => read('fapi2', { oidc_client_keyfile: '' })).toThrow(/\$oidc_client_keyfile is not set: .*certificate/);
    const withCertificate = { oidc_client_keyfile: '', oidc_client_auth_method: 'tls_client_auth' };
    expect(() => read('fapi2', withCertificate)).not.toThrow();
    expect(() => read('fapi2-message-signing', withCertificate)).toThrow(/wants a key that signs requests/);
  });
});
