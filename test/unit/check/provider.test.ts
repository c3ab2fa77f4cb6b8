import { describe, expect, it } from 'vitest';
import { checkProvider } from '../../../src/check/provider';
import { readConfig } from '../../../src/config/config';
import { siteVariables } from '../../support/fake-ngx';
import { fakeRequest } from '../../support/fake-request';
import { signerOf } from '../../support/signed-token';

const issuer = 'https://idp.test';
const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
};

/** The findings about one thing, for a provider with more metadata and a site with more settings. */
async function findings(about: string, offered: object = {}, settings: Record<string, string> = {}, algs = ['RS256']) {
  const variables: Record<string, string> = { ...siteVariables, ...settings };
  const keys = { keys: await Promise.all(algs.map(async (alg) => (await signerOf(alg)).jwk)) };
  const answer = (url: string) => ({
    text: JSON.stringify(url.endsWith('/jwks') ? keys : { ...metadata, ...offered }),
  });
  const all = await checkProvider(
    fakeRequest(variables, answer),
    readConfig((name) => variables[name]),
  );
  return all.filter((one) => one.about === about);
}

describe('the check', () => {
  it('says once that the provider does not tell its time, although two documents lack it', async () => {
    expect(await findings('clock')).toEqual([
      { about: 'clock', state: 'info', value: 'the provider does not tell its time' },
    ]);
  });
});

describe('the check of the keys', () => {
  it('says what to do about a key for EdDSA without openid_connect_eddsa.js', async () => {
    const [beside] = await findings('algorithms', {}, {}, ['EdDSA', 'ES256']);
    expect(beside).toMatchObject({ state: 'info', value: 'ES256', remedy: expect.stringContaining('js_import line') });
    const [alone] = await findings('keys', {}, {}, ['EdDSA']);
    expect(alone).toMatchObject({ state: 'problem', remedy: expect.stringContaining('js_import line') });
    Object.assign(globalThis, { oidcVerifyEd25519: () => false });
    try {
      expect(await findings('algorithms', {}, {}, ['EdDSA'])).toMatchObject([{ state: 'ok', value: 'EdDSA Ed25519' }]);
    } finally {
      Object.assign(globalThis, { oidcVerifyEd25519: undefined });
    }
  });
});

describe('the check of the client authentication', () => {
  const of = async (methods: string[] | undefined, settings: Record<string, string> = {}) => {
    const offered = methods ? { token_endpoint_auth_methods_supported: methods } : {};
    const [found, ...more] = await findings('client authentication', offered, settings);
    expect(more).toEqual([]);
    return found;
  };

  it.each([undefined, ['client_secret_basic', 'client_secret_post']])('is content with %j', async (methods) => {
    expect(await of(methods)).toMatchObject({ state: 'ok', value: 'client_secret_basic' });
  });

  it('is a problem where the provider offers none that takes a secret as it is', async () => {
    const found = await of(['private_key_jwt']);
    expect(found).toMatchObject({ state: 'problem', value: expect.stringContaining('offers private_key_jwt') });
  });

  it('says when a chosen method is not among those offered, or no secret is set', async () => {
    const chosen = await of(['private_key_jwt'], { oidc_client_auth_method: 'client_secret_post' });
    expect(chosen).toMatchObject({
      state: 'warning',
      value: 'client_secret_post, but the provider lists private_key_jwt',
    });
    const none = await of(['client_secret_basic'], { oidc_client_secret: '' });
    expect(none).toMatchObject({ state: 'warning', value: 'none, but the provider lists client_secret_basic' });
  });

  it('says when id or secret are sent in another form', async () => {
    const secret = { oidc_client_secret: 'a secret+with:marks' };
    const both = ['client_secret_basic', 'client_secret_post'];
    expect(await of(both, secret)).toMatchObject({ state: 'ok', value: 'client_secret_post' });
    const basic = await of(undefined, secret);
    expect(basic).toMatchObject({ state: 'info', remedy: expect.stringContaining('client_secret_basic_unencoded') });
    const unencoded = { ...secret, oidc_client_auth_method: 'client_secret_basic_unencoded' };
    expect(await of(both, unencoded)).toMatchObject({
      state: 'warning',
      value: expect.stringContaining('against RFC'),
    });
  });

  it('never shows the secret', async () => {
    const found = await of(undefined, { oidc_client_secret: 'a secret+with:marks' });
    expect(JSON.stringify(found)).not.toMatch(/a secret|a%20secret/);
  });
});
