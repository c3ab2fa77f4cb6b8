import { describe, expect, it } from 'vitest';
import { gateCookies } from '../../../src/browser/gate-cookies';

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
  ])('%j', (header, hostSecret, plainSecret, others) => {
    expect(gateCookies(header)).toEqual({ hostSecret, plainSecret, others });
  });
});
