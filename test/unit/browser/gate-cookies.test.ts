import { describe, expect, it } from 'vitest';
import { gateCookies, sessionCookieOf } from '../../../src/browser/gate-cookies';

describe('what the gate makes of a Cookie header', () => {
  it.each([
    ['', '', '', ''],
    ['auth_token=p', '', 'p', ''],
    ['a=1; __Host-auth_token=h; auth_token=p;b=2', 'h', 'p', 'a=1; b=2'],
    ['auth_token=first; auth_token=second', '', 'first', ''],
    ['my_auth_token=x; auth_tokens=y', '', '', 'my_auth_token=x; auth_tokens=y'],
    ['Auth_Token=x; __host-auth_token=y', '', '', 'Auth_Token=x; __host-auth_token=y'],
    ['x=auth_token=p', '', '', 'x=auth_token=p'],
    [';;; ;', '', '', ''],
    ['a=1; b=\x01; c=\t2; d=\x7f', '', '', 'a=1; c=\t2'],
  ])('%j', (header, tlsSecret, plainSecret, others) => {
    expect(gateCookies(header)).toEqual({ tlsSecret, plainSecret, others });
  });

  const secret = 'S'.repeat(43);
  it.each([
    ['sid=p; __Host-sid=h; __Secure-sid=x; a=1', 'h', 'p', 'a=1'],
    ['sid=first; sid=second', '', 'first', ''],
    ['auth_token=of-the-application; __Host-auth_token=', '', '', 'auth_token=of-the-application; __Host-auth_token='],
    [`auth_token=${secret}; __Host-auth_token= ${secret}; __Secure-auth_token=${secret}`, '', '', ''],
    ['oidc_attempts=1; __Secure-oidc_person=2; __Host-oidc_login_x=3; oidc_provider=4; sid ; sid =5', '', '', ''],
    ['phpsid=1; sids=2; oidc_logins=3; Sid=4', '', '', 'phpsid=1; sids=2; oidc_logins=3; Sid=4'],
  ])('under a name of its own: %j', (header, tlsSecret, plainSecret, others) => {
    expect(gateCookies(header, { name: 'sid', isShared: false })).toEqual({ tlsSecret, plainSecret, others });
  });

  it.each([
    ['__Secure-sid=s; __Host-sid=h; sid=p; a=1', 's', 'p', 'a=1'],
    ['__Secure-sid=s; __Secure-sid=; __Secure-sid=s', 's', '', ''],
    ['__Secure-sid=s; __Secure-sid=t', '?', '', ''],
    ['sid=s; sid=t; sid=s', '', '?', ''],
  ])('under a name that sub-domains share, where several are none: %j', (header, tlsSecret, plainSecret, others) => {
    expect(gateCookies(header, { name: 'sid', isShared: true })).toEqual({ tlsSecret, plainSecret, others });
  });

  it('takes no time that grows by the square with a long header', () => {
    const began = Date.now();
    gateCookies(`a${' '.repeat(100_000)}b; _${'-'.repeat(100_000)}`);
    expect(Date.now() - began).toBeLessThan(1000);
  });
});

describe('what the gate is told of the cookie', () => {
  it.each([
    ['\t .', 'auth_token', false],
    ['\tsid .', 'sid', false],
    ['\tsid example.com.', 'sid', true],
    ['\t example.com.', 'auth_token', true],
  ])('is its name, and whether it is shared: %j', (end, name, isShared) => {
    expect(sessionCookieOf(`https client issuer  key.\tgroups any a.\t\t${end}`)).toEqual({ name, isShared });
  });

  it.each(['', '\t', '\t ', '\t.', '\tsid.', '\ta;b .', '\ta=b .', '\ta b c.', '\t .x'])('cannot be %j', (end) => {
    expect(sessionCookieOf(`https client issuer  key.\t\t${end}`)).toBeUndefined();
  });
});
