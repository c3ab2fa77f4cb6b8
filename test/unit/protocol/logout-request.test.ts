import { describe, expect, it } from 'vitest';
import { buildLogoutUrl, logoutStyleOf } from '../../../src/protocol/logout-request';

describe('the style of logout', () => {
  it.each([
    ['https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI', 'cognito'],
    ['https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_AbCdEfGhI', 'cognito'],
    ['https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbCdEfGhI', 'cognito'],
    ['https://my-tenant.eu.auth0.com/', 'oidc'],
    ['https://idp.example.com/cognito-idp.us-east-1.amazonaws.com/x', 'oidc'],
    ['https://cognito-idp.us-east-1.amazonaws.com.evil.test/x', 'oidc'],
    ['http://127.0.0.1:9000', 'oidc'],
    ['', 'oidc'],
  ])('of %s is %s', (issuer, style) => {
    expect(logoutStyleOf(issuer)).toBe(style);
  });
});

describe('the logout URL', () => {
  const request = {
    endpoint: 'https://idp.example.com/logout',
    clientId: 'a&b',
    postLogoutRedirectUri: 'https://app.example.com:443/_logout',
    idTokenHint: 'the.id.token',
  };
  const queryOf = (url: string) => Object.fromEntries(new URL(url).searchParams);
  const back = request.postLogoutRedirectUri;

  it('has client_id, post_logout_redirect_uri and id_token_hint in the standard style', () => {
    expect(queryOf(buildLogoutUrl({ ...request, style: 'oidc' }))).toEqual({
      client_id: 'a&b',
      post_logout_redirect_uri: back,
      id_token_hint: 'the.id.token',
    });
  });

  it('has client_id and logout_uri for Cognito, and no token', () => {
    expect(queryOf(buildLogoutUrl({ ...request, style: 'cognito' }))).toEqual({ client_id: 'a&b', logout_uri: back });
  });

  it('has client_id and returnTo in the older style of Auth0', () => {
    expect(queryOf(buildLogoutUrl({ ...request, style: 'auth0' }))).toEqual({ client_id: 'a&b', returnTo: back });
  });

  it('keeps a query that the endpoint has', () => {
    const url = buildLogoutUrl({ ...request, endpoint: 'https://idp.example.com/logout?federated=1', style: 'auth0' });
    expect(queryOf(url)).toEqual({ federated: '1', client_id: 'a&b', returnTo: back });
  });
});
