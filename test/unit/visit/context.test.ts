import { describe, expect, it } from 'vitest';
import { referenceOf } from '../../../src/nginx/reference';
import { createContext } from '../../../src/visit/context';
import { redirectUri } from '../../../src/visit/visit';
import { fakeZones, removeZonesAfterwards, siteVariables } from '../../support/fake-ngx';
import { fakeRequest } from '../../support/fake-request';

removeZonesAfterwards();
const context = (changes: Record<string, string> = {}) => {
  fakeZones();
  return createContext(fakeRequest({ ...siteVariables, ...changes }));
};
const refused = expect.objectContaining({ code: 'host_not_allowed' });

describe("the site's own address", () => {
  it('is scheme, host and port of the request, whose host the configuration knows', () => {
    expect(context().baseUrl).toBe('http://app.test:8010');
    expect(redirectUri(context())).toBe('http://app.test:8010/_codexch');
    expect(context({ server_name: '_', host: 'any.test' }).baseUrl).toBe('http://any.test:8010');
    expect(context({ server_name: '', host: 'any.test' }).baseUrl).toBe('http://any.test:8010');
  });

  it.each(['evil.test', 'app.test.evil.test', 'App.test', '', 'app.tes'])('is not the Host %j', (host) => {
    expect(() => context({ host })).toThrow(refused);
    expect(() => context({ host, oidc_hosts: 'one.test app.test', server_name: '_' })).toThrow(refused);
  });

  it('may be each of $oidc_hosts', () => {
    expect(context({ oidc_hosts: 'one.test two.test', host: 'two.test' }).baseUrl).toBe('http://two.test:8010');
    expect(() => context({ oidc_hosts: 'one.test two.test' })).toThrow(refused);
  });

  it('is $oidc_base_url whatever Host and X-Forwarded headers say', () => {
    const behind = { host: 'evil.test', http_x_forwarded_host: 'evil.test', http_x_forwarded_proto: 'http' };
    expect(context({ ...behind, oidc_base_url: 'https://app.test/' }).baseUrl).toBe('https://app.test');
    expect(context({ http_x_forwarded_host: 'evil.test', http_x_forwarded_proto: 'https' }).baseUrl).toBe(
      'http://app.test:8010',
    );
  });
});

describe('cookies', () => {
  it.each([
    [{ scheme: 'https' }],
    [{ oidc_base_url: 'https://app.test' }],
    [{ oidc_redirect_uri: 'https://app.test/_codexch' }],
  ])('of a site with TLS (%j) are Secure, and only the __Host- names count', (changes) => {
    const cookies = { http_cookie: 'auth_token=planted; __Host-auth_token=ours' };
    const { cookie, setCookie, r } = context({ ...changes, ...cookies } as Record<string, string>);
    expect(cookie('auth_token')).toBe('ours');
    setCookie('auth_token', 'a');
    setCookie('oidc_attempts', 'b', 60);
    expect(r.headersOut['Set-Cookie']).toEqual([
      '__Host-auth_token=a; Path=/; HttpOnly; SameSite=Lax; Secure',
      '__Host-oidc_attempts=b; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60',
    ]);
  });

  it('of a site without TLS have plain names', () => {
    const { cookie, secure } = context({ http_cookie: '__Host-auth_token=x; auth_token=y' });
    expect([secure, cookie('auth_token')]).toEqual([false, 'y']);
  });
});

it('a reference stays the same within a request', () => {
  const r = fakeRequest();
  const first = referenceOf(r);
  Object.assign(r.variables, { request_id: 'ffffffffffffffff' });
  expect([first, referenceOf(r)]).toEqual(['0123456789ab', '0123456789ab']);
});
