import { describe, expect, it } from 'vitest';
import {
  clientMetadata,
  methodToRegister,
  type RegistrationSupport,
  registrationSupport,
  type SiteToRegister,
} from '../../../src/protocol/registration-request';

const support: RegistrationSupport = {
  registrationEndpoint: 'https://idp.test/reg',
  grantTypes: [],
  idTokenAlgorithms: [],
  responseAlgorithms: [],
};
const site: SiteToRegister = {
  baseUrl: 'https://app.test',
  suffix: '',
  redirectUri: 'https://app.test/_codexch',
  postLogoutRedirectUri: 'https://app.test/_logout',
  scopes: ['openid', 'email'],
  authMethod: 'client_secret_basic',
  authSigningAlg: '',
  keys: [],
  isPushed: false,
  requestSigningAlg: '',
  wantsSignedResponse: false,
  dpop: false,
  mtls: false,
  algorithms: ['RS256', 'ES256'],
  encrypted: [],
  encryptionAlg: 'RSA-OAEP',
  backChannelLogout: false,
  frontChannelLogout: false,
};
const sent = (changes: Partial<SiteToRegister> = {}, offered: Partial<RegistrationSupport> = {}, more = {}) =>
  clientMetadata({ ...site, ...changes }, { ...support, ...offered }, more);
const plain = {
  application_type: 'web',
  client_name: 'app.test',
  redirect_uris: ['https://app.test/_codexch'],
  post_logout_redirect_uris: ['https://app.test/_logout'],
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid email',
  token_endpoint_auth_method: 'client_secret_basic',
  id_token_signed_response_alg: 'RS256',
  initiate_login_uri: 'https://app.test/_oidc_login',
};

describe('what a site registers', () => {
  it('is what it is, and nothing that it does not use', () => {
    expect(sent()).toEqual(plain);
    const { initiate_login_uri: _, ...overHttp } = plain;
    expect(sent({ baseUrl: 'http://app.test' })).toEqual(overHttp);
  });

  it.each<[string, Partial<SiteToRegister>, object]>([
    ['PAR', { isPushed: true }, { require_pushed_authorization_requests: true }],
    ['DPoP', { dpop: true }, { dpop_bound_access_tokens: true }],
    ['a certificate', { mtls: true }, { tls_client_certificate_bound_access_tokens: true }],
    [
      'signed requests',
      { requestSigningAlg: 'PS256' },
      { require_signed_request_object: true, request_object_signing_alg: 'PS256' },
    ],
    ['signed responses', { wantsSignedResponse: true }, { authorization_signed_response_alg: 'RS256' }],
    [
      'assertions',
      { authMethod: 'private_key_jwt', authSigningAlg: 'ES256' },
      { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256' },
    ],
    ['keys', { keys: [{ kty: 'EC' }] }, { jwks_uri: 'https://app.test/_oidc_jwks' }],
    [
      'encrypted tokens',
      { encrypted: ['id_token', 'userinfo', 'response'], encryptionAlg: 'ECDH-ES' },
      {
        id_token_encrypted_response_alg: 'ECDH-ES',
        userinfo_encrypted_response_alg: 'ECDH-ES',
        authorization_encrypted_response_alg: 'ECDH-ES',
      },
    ],
    [
      'back-channel logout',
      { backChannelLogout: true },
      { backchannel_logout_uri: 'https://app.test/back_channel_logout', backchannel_logout_session_required: true },
    ],
    [
      'front-channel logout',
      { frontChannelLogout: true },
      { frontchannel_logout_uri: 'https://app.test/front_channel_logout', frontchannel_logout_session_required: true },
    ],
  ])('has %s', (_name, changes, members) => {
    expect(sent(changes)).toEqual({ ...plain, ...members });
  });

  it('ends in the name of one of several providers', () => {
    const all = sent({ suffix: '/acme', backChannelLogout: true, keys: [{ kty: 'EC' }] });
    expect([all.backchannel_logout_uri, all.jwks_uri, all.initiate_login_uri]).toEqual([
      'https://app.test/back_channel_logout/acme',
      'https://app.test/_oidc_jwks/acme',
      'https://app.test/_oidc_login/acme',
    ]);
  });

  it('is what the provider offers', () => {
    const offered = {
      grantTypes: ['authorization_code', 'implicit'],
      idTokenAlgorithms: ['EdDSA', 'ES256'],
      responseAlgorithms: ['PS256'],
    };
    expect(sent({ wantsSignedResponse: true }, offered)).toEqual({
      ...plain,
      grant_types: ['authorization_code'],
      id_token_signed_response_alg: 'ES256',
    });
  });

  it('has its keys in it where the provider cannot fetch them by https', () => {
    const keys = [{ kty: 'EC' }];
    expect(sent({ baseUrl: 'http://localhost:8010', keys })).toMatchObject({ jwks: { keys } });
    expect(sent({ baseUrl: 'http://localhost:8010', keys }).jwks_uri).toBeUndefined();
  });

  it('is changed by what the operator says, one of jwks and jwks_uri at a time', () => {
    const keys = [{ kty: 'EC' }];
    expect(sent({}, {}, { scope: null, contacts: ['a@app.test'], client_name: 'App' })).toEqual({
      ...Object.fromEntries(Object.entries(plain).filter(([name]) => name !== 'scope')),
      contacts: ['a@app.test'],
      client_name: 'App',
    });
    const inline = sent({ keys }, {}, { jwks: { keys } });
    expect([inline.jwks, inline.jwks_uri]).toEqual([{ keys }, undefined]);
    const fetched = sent({ baseUrl: 'http://app.test', keys }, {}, { jwks_uri: 'https://x.test/k' });
    expect([fetched.jwks, fetched.jwks_uri]).toEqual([undefined, 'https://x.test/k']);
  });
});

describe('how it is to authenticate', () => {
  it.each([
    ['', false, undefined, 'client_secret_basic'],
    ['', false, ['client_secret_post', 'none'], 'client_secret_post'],
    ['', false, ['private_key_jwt', 'client_secret_jwt'], 'client_secret_jwt'],
    ['', false, ['none'], 'none'],
    ['', true, ['client_secret_basic'], 'private_key_jwt'],
    ['client_secret_basic_unencoded', false, undefined, 'client_secret_basic'],
    ['tls_client_auth', true, undefined, 'tls_client_auth'],
  ])('with "%s", a key (%s), of %j is %s', (configured, hasKey, supported, method) => {
    expect(methodToRegister(configured, hasKey, supported)).toBe(method);
  });

  it('is refused where the provider takes keys alone, and there is none', () => {
    expect(() => methodToRegister('', false, ['private_key_jwt', 'tls_client_auth'])).toThrow(
      expect.objectContaining({ code: 'registration_failed', detail: expect.stringContaining('$oidc_client_keyfile') }),
    );
  });
});

describe('a provider', () => {
  it('tells where it registers clients, and what for', () => {
    const metadata = {
      registration_endpoint: 'https://idp.test/reg',
      grant_types_supported: ['authorization_code'],
      id_token_signing_alg_values_supported: ['RS256'],
      authorization_signing_alg_values_supported: 'PS256',
    };
    expect(registrationSupport(JSON.stringify(metadata), false)).toEqual({
      registrationEndpoint: 'https://idp.test/reg',
      grantTypes: ['authorization_code'],
      idTokenAlgorithms: ['RS256'],
      responseAlgorithms: [],
    });
  });

  it.each([
    undefined,
    '',
    7,
    'http://idp.test/reg',
    'ftp://x',
    'https://',
    'https://idp.test/a b',
    'https://idp.test/\n',
  ])('that registers clients at %j is refused', (registration_endpoint) => {
    expect(() => registrationSupport(JSON.stringify({ registration_endpoint }), false)).toThrow(
      expect.objectContaining({ code: 'registration_failed' }),
    );
  });

  it('may do so without TLS where the operator allows it', () => {
    const text = JSON.stringify({ registration_endpoint: 'http://127.0.0.1:9/reg' });
    expect(registrationSupport(text, true).registrationEndpoint).toBe('http://127.0.0.1:9/reg');
  });
});
