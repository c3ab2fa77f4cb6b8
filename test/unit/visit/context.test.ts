import { describe, expect, it } from 'vitest';
import { referenceOf } from '../../../src/nginx/reference';
import { notePerson, personSince } from '../../../src/steps/note-person';
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
    const { cookie, sessionSecret, setCookie, setSessionCookie, r } = context({ ...changes, ...cookies } as Record<
      string,
      string
    >);
    expect([cookie('auth_token'), sessionSecret]).toEqual(['ours', 'ours']);
    setCookie('oidc_attempts', 'b', 60);
    setSessionCookie('a');
    expect(r.headersOut['Set-Cookie']).toEqual([
      '__Host-auth_token=a; Path=/; HttpOnly; SameSite=Lax; Secure',
      '__Host-oidc_attempts=b; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60',
    ]);
  });

  it('of a site without TLS have plain names', () => {
    const { cookie, sessionSecret, secure } = context({ http_cookie: '__Host-auth_token=x; auth_token=y' });
    expect([secure, cookie('auth_token'), sessionSecret]).toEqual([false, 'y', 'y']);
  });
});

describe("the session's cookie", () => {
  const shared = { server_name: '_', oidc_cookie_name: 'sid', oidc_cookie_domain: 'site.test' };

  it('has the name of the configuration, and comes before all other cookies of the answer', () => {
    const { sessionSecret, setCookie, setSessionCookie, r } = context({
      oidc_cookie_name: 'sid',
      http_cookie: 'auth_token=x; sid=y; sid=z',
    });
    expect(sessionSecret).toBe('y');
    setCookie('oidc_attempts', 'a');
    setSessionCookie('s');
    expect(r.headersOut['Set-Cookie']).toEqual([
      'sid=s; Path=/; HttpOnly; SameSite=Lax',
      'oidc_attempts=a; Path=/; HttpOnly; SameSite=Lax',
    ]);
  });

  it('that sub-domains share has one value or none, and all of them end', () => {
    const of = (http_cookie: string) => {
      const { sessionSecret, sessionSecrets } = context({
        ...shared,
        scheme: 'https',
        host: 'a.site.test',
        http_cookie,
      });
      return [sessionSecret, sessionSecrets];
    };
    expect(of('__Secure-sid=a; __Secure-sid=a; sid=c; __Host-sid=d')).toEqual(['a', ['a']]);
    expect(of('__Secure-sid=a; __Secure-sid=b')).toEqual([undefined, ['a', 'b']]);
    expect(of('sid=c; __Host-sid=d')).toEqual([undefined, []]);
    const many = Array.from({ length: 50 }, (_, n) => `__Secure-sid=${n}`).join('; ');
    expect(of(many)[1]).toHaveLength(10);
  });

  it('is refused on a host that its domain is not above of', () => {
    for (const host of ['site.test', 'a.site.test', 'x.y.site.test', 'A.SITE.test']) {
      expect(() => context({ ...shared, host })).not.toThrow();
    }
    const wrong = expect.objectContaining({ code: 'config_invalid', detail: expect.stringContaining('cookie_domain') });
    for (const host of ['test', 'xsite.test', 'site.test.evil.test', '127.0.0.1', '[::1]']) {
      expect(() => context({ ...shared, host })).toThrow(wrong);
    }
    expect(() => context({ ...shared, oidc_base_url: 'https://site.test:8443/' })).not.toThrow();
    expect(() => context({ ...shared, oidc_base_url: 'https://app.test/?x=.site.test' })).toThrow(wrong);
  });

  it('takes along who signed in last, for the forms that wait on another host', async () => {
    const setOn = async (settings: Record<string, string>) => {
      const visit = context({ ...settings, host: 'a.site.test' });
      await notePerson(visit, { iss: 'https://idp.test', sub: 'alice' });
      return (visit.r.headersOut['Set-Cookie'] as string[])[0] as string;
    };
    const seenOn = (settings: Record<string, string>, line: string) =>
      personSince(context({ ...settings, host: 'b.site.test', http_cookie: line.split(';')[0] as string }));
    const line = await setOn(shared);
    expect(line).toMatch(/; Path=\/_codexch; Domain=site\.test; /);
    expect(await seenOn(shared, line)).toBeDefined();
    const alone = await setOn({ server_name: '_' });
    expect(alone).not.toContain('Domain');
    expect(await seenOn({ server_name: '_' }, alone)).toBeUndefined();
    expect(await seenOn(shared, alone)).toBeUndefined();
  });
});

it('a reference stays the same within a request', () => {
  const r = fakeRequest();
  const first = referenceOf(r);
  Object.assign(r.variables, { request_id: 'ffffffffffffffff' });
  expect([first, referenceOf(r)]).toEqual(['0123456789ab', '0123456789ab']);
});
