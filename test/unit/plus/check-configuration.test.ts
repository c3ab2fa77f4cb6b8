import { expect, it } from 'vitest';
import type { Finding } from '../../../src/check/finding';
import { checkConfiguration } from '../../../src/plus/check-configuration';
import { removeZonesAfterwards } from '../../support/fake-ngx';
import { fakeRequest } from '../../support/fake-request';
import { signerOf } from '../../support/signed-token';

removeZonesAfterwards();
const site = {
  oidc_authz_endpoint: 'https://idp.test/authorize',
  oidc_token_endpoint: 'https://idp.test/token',
  oidc_jwt_keyfile: 'https://idp.test/.well-known/jwks.json',
  oidc_client: 'client',
  oidc_client_secret: 'a-client-secret-of-the-test',
  oidc_hmac_key: '3f9c2a81d04b7e6655aa3f9c2a81d04b',
  oidc_client_auth_method: '',
  redirect_base: 'https://app.test:443',
  redir_location: '/_codexch',
  idp_sid: '',
  arg_format: 'json',
};

async function findings(settings: Record<string, string | undefined> = {}, status = 200) {
  const keys = JSON.stringify({ keys: [(await signerOf('RS256')).jwk] });
  const r = fakeRequest({ ...site, ...settings }, () => ({ status, text: keys }));
  await checkConfiguration(r);
  const all = (JSON.parse(r.body) as { findings: Finding[] }).findings;
  return { answered: r.status, of: (about: string) => all.find((one) => one.about === about) };
}

it('finds no problem where there is none', async () => {
  const { answered, of } = await findings({ oidc_cookie_flags: 'Path=/; SameSite=Lax; HttpOnly; Secure;' });
  expect(answered).toBe(200);
  expect(of('redirect URI')).toMatchObject({ value: 'https://app.test:443/_codexch' });
  expect(of('issuer')).toMatchObject({ value: 'https://idp.test' });
  expect(of('cookies')).toMatchObject({ state: 'ok' });
  expect(of('keys')).toMatchObject({ state: 'ok' });
});

it('says that cookies of an https site lack their Secure flag', async () => {
  expect((await findings({ oidc_cookie_flags: 'Path=/; HttpOnly;' })).of('cookies')).toMatchObject({
    state: 'warning',
  });
});

it('says that the keys cannot be had', async () => {
  const { answered, of } = await findings({}, 502);
  expect([answered, of('keys')]).toMatchObject([503, { state: 'problem', remedy: expect.stringContaining('keyfile') }]);
});

it('says what this edition does not do', async () => {
  const { answered, of } = await findings({ oidc_providers: 'a b' });
  expect([answered, of('configuration')]).toMatchObject([503, { value: expect.stringContaining('open-source NGINX') }]);
});

it('says what an older configuration has not', async () => {
  const { of } = await findings({ idp_sid: undefined, oidc_client_auth_method: undefined });
  expect(of('sign-out by the provider')).toMatchObject({ state: 'warning' });
  expect(of('token request')).toMatchObject({ state: 'info' });
});
