import fc from 'fast-check';
import { Cookie } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { cookieName, parseCookies, setCookie, withoutOwnCookies } from '../../../src/browser/cookies';

describe('a Cookie header', () => {
  it.each([
    [
      'a=1; b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a=1;b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a=b=c', [['a', 'b=c']]],
    ['a="x"', [['a', '"x"']]],
    ['a=; b', [['a', '']]],
    ['=x; ;;', []],
    ['', []],
    [
      'a=1; a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['__proto__=x', [['__proto__', 'x']]],
  ])('%j is read', (header, expected) => {
    expect(parseCookies(header).map(({ name, value }) => [name, value])).toEqual(expected);
  });

  it('of any text has cookies with names', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        for (const { value } of parseCookies(header)) expect(value).not.toContain(';');
      }),
    );
  });
});

describe('the cookies for the application', () => {
  it('are those of the browser without our own', () => {
    const header =
      'theme=dark; auth_token=s; __Host-auth_token=s; oidc_attempts=1; oidc_login_abc=x; __Host-oidc_login_d=y; lang=de';
    expect(withoutOwnCookies(header)).toBe('theme=dark; lang=de');
    expect(withoutOwnCookies('auth_token=s')).toBe('');
  });

  it('keep others whose names only begin alike', () => {
    const header = 'auth_tokens=1; my_auth_token=2; oidc_attempts2=3';
    expect(withoutOwnCookies(header)).toBe(header);
  });

  it.each([
    'auth_token=s',
    ' auth_token =s',
    '\tauth_token=s',
    'auth_token',
    ';;auth_token=s',
    '__Host-oidc_attempts=1',
  ])('never have ours, written as %j', (pair) => {
    expect(withoutOwnCookies(`a=1;${pair};b=2`)).toBe('a=1; b=2');
  });
});

describe('a Set-Cookie line', () => {
  it('on https is bound to this host and kept from scripts and other sites', () => {
    const line = setCookie('auth_token', 'v', true);
    expect(line).toMatch(/^__Host-auth_token=v; /);
    const cookie = Cookie.parse(line);
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, path: '/', sameSite: 'lax', domain: null });
    expect(cookie?.maxAge).toBeNull();
  });

  it('on http is the same without the prefix and Secure', () => {
    const cookie = Cookie.parse(setCookie('auth_token', 'v', false));
    expect(cookie).toMatchObject({ key: 'auth_token', secure: false, httpOnly: true, path: '/', sameSite: 'lax' });
  });

  it('with a Domain goes to all hosts below it, and its name says that it takes TLS alone', () => {
    const shared = { sameSite: 'Lax', partitioned: false, domain: 'site.test' } as const;
    const line = setCookie('sid', 'v', true, undefined, shared);
    expect(line).toBe('__Secure-sid=v; Path=/; Domain=site.test; HttpOnly; SameSite=Lax; Secure');
    expect(setCookie('sid', '', false, 0, shared)).toBe(
      'sid=; Path=/; Domain=site.test; HttpOnly; SameSite=Lax; Max-Age=0',
    );
    expect([cookieName('sid', true, 'site.test'), cookieName('sid', false, 'site.test')]).toEqual([
      '__Secure-sid',
      'sid',
    ]);
  });

  it('lives as long as it is told, and 0 deletes', () => {
    expect(Cookie.parse(setCookie('a', 'v', true, 60))?.maxAge).toBe(60);
    expect(Cookie.parse(setCookie('a', '', true, 0))?.maxAge).toBe(0);
    expect(cookieName('a', true)).toBe('__Host-a');
  });
});
