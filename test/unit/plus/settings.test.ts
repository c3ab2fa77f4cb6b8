import { describe, expect, it } from 'vitest';
import { createPlusVisit } from '../../../src/plus/plus-visit';
import { fakeRequest } from '../../support/fake-request';

const variables = {
  oidc_authz_endpoint: 'https://idp.test/authorize',
  oidc_token_endpoint: 'https://idp.test/token',
  oidc_jwt_keyfile: 'https://idp.test/.well-known/jwks.json',
  oidc_client: 'client',
  oidc_hmac_key: '0123456789abcdef0123456789abcdef',
  redirect_base: 'https://app.test:443',
};

describe('a client of existing configurations on NGINX Plus', () => {
  const authentication = (changes: Record<string, string>) => {
    const { client_secret, client_auth_method } = createPlusVisit(fakeRequest({ ...variables, ...changes })).config;
    return [client_auth_method, client_secret];
  };

  it.each([
    ['', 'client_secret_post'],
    ['my-client-secret', 'client_secret_post'],
    ['my-client-secret', 'client_secret_basic'],
    ['my-client-secret', ''],
  ])('is a public one with PKCE and the secret "%s", whatever the method: %s', (secret, method) => {
    const client = { oidc_pkce_enable: '1', oidc_client_secret: secret, oidc_client_auth_method: method };
    expect(authentication(client)).toEqual(['none', '']);
  });

  it('sends a secret of its own with PKCE, too', () => {
    const client = { oidc_pkce_enable: '1', oidc_client_secret: 'own', oidc_client_auth_method: 'client_secret_post' };
    expect(authentication(client)).toEqual(['client_secret_post', 'own']);
  });

  it('is not made a public one without PKCE', () => {
    const client = { oidc_pkce_enable: '0', oidc_client_secret: '', oidc_client_auth_method: 'client_secret_post' };
    expect(authentication(client)).toEqual(['client_secret_post', '']);
  });
});
