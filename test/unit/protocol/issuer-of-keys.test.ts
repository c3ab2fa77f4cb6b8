import { expect, it } from 'vitest';
import { issuerOfKeys } from '../../../src/protocol/issuer-of-keys';

const tenant = '11111111-2222-3333-4444-555555555555';

it.each([
  ['https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab/.well-known/jwks.json', '/.well-known/jwks.json'],
  ['https://idp.test/realms/master/protocol/openid-connect/certs', '/protocol/openid-connect/certs'],
  ['http://127.0.0.1:8080/auth/realms/master/protocol/openid-connect/certs', '/protocol/openid-connect/certs'],
  ['https://dev-1.okta.com/oauth2/v1/keys', '/oauth2/v1/keys'],
  ['https://dev-1.okta.com/oauth2/default/v1/keys', '/v1/keys'],
  ['https://my-company.onelogin.com/oidc/2/certs', '/certs'],
  [`https://auth.pingone.eu/${tenant}/as/jwks`, '/jwks'],
])('the URL of keys %s tells the issuer: all before %s', (url, end) => {
  expect(issuerOfKeys(url)).toBe(url.slice(0, -end.length));
});

it.each([
  ['https://tenant.eu.auth0.com/.well-known/jwks.json', 'https://tenant.eu.auth0.com/'],
  [
    `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`,
    `https://login.microsoftonline.com/${tenant}/v2.0`,
  ],
  [
    `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys?appid=x`,
    `https://login.microsoftonline.com/${tenant}/v2.0`,
  ],
  ['https://www.googleapis.com/oauth2/v3/certs', 'https://accounts.google.com'],
])('the URL of keys %s tells the issuer %s', (url, issuer) => {
  expect(issuerOfKeys(url)).toBe(issuer);
});

it.each([
  '/etc/nginx/keys.json',
  'https://idp.test/keys',
  'https://login.microsoftonline.com/common/discovery/v2.0/keys',
  'https://login.microsoftonline.com/organizations/discovery/v2.0/keys',
  'https://evil.test/https://www.googleapis.com/oauth2/v3/certs',
])('%s tells no issuer', (url) => {
  expect(issuerOfKeys(url)).toBeUndefined();
});
