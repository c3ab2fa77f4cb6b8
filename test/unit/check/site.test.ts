import { expect, it } from 'vitest';
import { checkSite } from '../../../src/check/site';
import { fakeZones, removeZonesAfterwards, siteVariables } from '../../support/fake-ngx';
import { fakeRequest } from '../../support/fake-request';

removeZonesAfterwards();
const check = (settings: Record<string, string>) => {
  fakeZones();
  return checkSite(fakeRequest({ ...siteVariables, ...settings }));
};
const cookies = (settings: Record<string, string>) => check(settings).find(({ about }) => about === 'cookies');
const secure = { oidc_base_url: 'https://a.site.test' };

it('shows the cookie as the browser gets it', () => {
  expect(cookies({ ...secure, oidc_cookie_name: 'sid' })).toEqual({
    about: 'cookies',
    state: 'ok',
    value: '__Host-sid=...; Path=/; HttpOnly; SameSite=Lax; Secure',
  });
  expect(cookies({ oidc_cookie_name: 'sid' })).toMatchObject({
    state: 'warning',
    value: 'sid=...; Path=/; HttpOnly; SameSite=Lax',
  });
});

it('says what it costs to share it', () => {
  expect(cookies({ ...secure, oidc_cookie_name: 'sid', oidc_cookie_domain: 'site.test' })).toMatchObject({
    state: 'info',
    value: '__Secure-sid=...; Path=/; Domain=site.test; HttpOnly; SameSite=Lax; Secure',
    remedy: expect.stringContaining('every host below site.test gets this cookie'),
  });
});

it('says that a domain does not fit the site', () => {
  expect(check({ ...secure, oidc_cookie_domain: 'other.test' })).toMatchObject([
    { about: 'address', state: 'problem', value: expect.stringContaining("neither this site's host (a.site.test)") },
  ]);
});
