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
async function findings(
  about: string,
  offered: object = {},
  settings: Record<string, string> = {},
  { algs = ['RS256'], introspected = '', status = 200 } = {},
) {
  const variables: Record<string, string> = { ...siteVariables, ...settings };
  const keys = { keys: await Promise.all(algs.map(async (alg) => (await signerOf(alg)).jwk)) };
  const answer = (url: string) =>
    url.endsWith('/introspect')
      ? { status, text: introspected }
      : { text: JSON.stringify(url.endsWith('/jwks') ? keys : { ...metadata, ...offered }) };
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
    const [beside] = await findings('algorithms', {}, {}, { algs: ['EdDSA', 'ES256'] });
    expect(beside).toMatchObject({ state: 'info', value: 'ES256', remedy: expect.stringContaining('js_import line') });
    const [alone] = await findings('keys', {}, {}, { algs: ['EdDSA'] });
    expect(alone).toMatchObject({ state: 'problem', remedy: expect.stringContaining('js_import line') });
    Object.assign(globalThis, { oidcVerifyEd25519: () => false });
    try {
      expect(await findings('algorithms', {}, {}, { algs: ['EdDSA'] })).toMatchObject([
        { state: 'ok', value: 'EdDSA Ed25519' },
      ]);
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

describe('the check of sign-out', () => {
  const of = async (offered: object, settings: Record<string, string> = {}) =>
    (await findings('sign-out', offered, settings))[0];

  it('says where it leads, and in which style', async () => {
    expect(await of({ end_session_endpoint: `${issuer}/logout` })).toEqual({
      about: 'sign-out',
      state: 'ok',
      value: `${issuer}/logout, style oidc`,
    });
  });

  it('warns where the provider would sign the person in again', async () => {
    expect(await of({})).toMatchObject({ state: 'warning', remedy: expect.stringContaining('end_session_endpoint') });
    expect(await of({}, { oidc_end_session_endpoint: `${issuer}/bye` })).toMatchObject({ state: 'ok' });
  });

  it('tells the addresses that the provider can call', async () => {
    const offered = { backchannel_logout_supported: true };
    expect(await findings('back-channel logout', offered)).toMatchObject([
      { value: expect.stringContaining('/back_channel_logout') },
    ]);
    expect(await findings('front-channel logout', offered)).toEqual([]);
  });
});

describe('the check of what is asked of a sign-in', () => {
  const offered = { acr_values_supported: ['pwd', 'mfa'] };

  it('says which values the provider does not list', async () => {
    expect(await findings('step-up', offered, { oidc_acr_values: 'mfa phr' })).toMatchObject([
      { state: 'warning', value: 'the provider does not list: phr' },
    ]);
  });

  it.each([{}, offered])('has nothing to say of %j otherwise', async (what) => {
    expect(await findings('step-up', what, { oidc_acr_values: 'mfa' })).toEqual([]);
    expect(await findings('step-up', what)).toEqual([]);
  });
});

describe('the check of introspection', () => {
  const offered = { introspection_endpoint: `${issuer}/introspect` };
  const settings = { oidc_introspection: 'opaque' };

  it('asks about a token that nobody gave out', async () => {
    expect(await findings('introspection', offered, settings, { introspected: '{"active":false}' })).toEqual([
      { about: 'introspection', state: 'ok', value: `opaque: ${issuer}/introspect answers this client` },
    ]);
  });

  it('says that the client is refused', async () => {
    const refused = await findings('introspection', offered, settings, {
      introspected: '{"error":"invalid_client"}',
      status: 401,
    });
    expect(refused).toMatchObject([{ state: 'problem', value: expect.stringContaining('introspection_failed') }]);
  });

  it('says that there is no endpoint, and nothing where none is wanted', async () => {
    expect(await findings('introspection', {}, settings)).toMatchObject([{ state: 'problem' }]);
    expect(await findings('introspection', offered)).toEqual([]);
  });
});
