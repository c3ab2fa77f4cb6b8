import { describe, expect, it } from 'vitest';
import { encodeLoginInitiation, parseLoginInitiation } from '../../../src/protocol/login-initiation';

const issuer = 'https://idp.test';
const site = 'https://app.test:443';
const parse = (parameters: Record<string, string> | string) =>
  parseLoginInitiation(
    typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString(),
    [issuer],
    site,
  );

describe('a link to the login endpoint', () => {
  it.each([
    ['', '/'],
    ['return=', '/'],
    ['return=/', '/'],
    ['return=%2Freports%3Fyear%3D2026%26a%3D%2526', '/reports?year=2026&a=%26'],
    ['return=/caf%C3%A9', '/caf%c3%a9'],
    ['return=https%3A%2F%2Fapp.test%2Fx', '/x'],
    ['return=https%3A%2F%2FAPP.test%3A443', '/'],
    ['return=/a&utm_source=mail', '/a'],
  ])('%s leads to %s', (query, path) => {
    expect(parse(query)).toEqual({ path });
  });

  it.each([
    [{ iss: issuer }, { path: '/' }],
    [{ iss: issuer, login_hint: '' }, { path: '/' }],
    [
      { iss: issuer, login_hint: 'alice@example.com', target_link_uri: `${site}/inbox?x=1` },
      { path: '/inbox?x=1', loginHint: 'alice@example.com' },
    ],
    [{ iss: issuer, target_link_uri: 'https://app.test/inbox' }, { path: '/inbox' }],
    [
      { iss: issuer, target_link_uri: '/inbox', login_hint: 'é&=' },
      { path: '/inbox', loginHint: 'é&=' },
    ],
  ])('of a third party with %j asks for %j', (parameters, wish) => {
    expect(parse(parameters as Record<string, string>)).toEqual(wish);
  });

  it.each(['return', 'target_link_uri'])('to a %s that is no path of this site is refused', (name) => {
    const iss: Record<string, string> = name === 'return' ? {} : { iss: issuer };
    for (const target of [
      'https://evil.test/',
      '//evil.test',
      '/\\evil.test',
      '\\\\evil.test',
      'https:///evil.test',
      'https://app.test@evil.test/',
      'https://app.test:443@evil.test/x',
      'https://app.test.evil.test/',
      'https://app.test\\@evil.test/',
      'https://app.test:8443/',
      'http://app.test/',
      'https://app.test//evil.test',
      'https://app.test?x',
      'javascript:alert(1)',
      'data:text/html,x',
      'evil.test',
      '/a b',
      '/\r\nSet-Cookie: a=b',
      '/\tx',
      ' /x',
      `/${'x'.repeat(2000)}`,
      `/?${'x'.repeat(2000)}`,
      `/a?${'x'.repeat(2000)}`,
    ]) {
      expect(() => parse({ ...iss, [name]: target }), target).toThrow('login_invalid');
    }
  });

  it.each([
    ['another issuer', `iss=${issuer}.evil.test`],
    ['an issuer with a slash more', `iss=${issuer}/`],
    ['an empty issuer', 'iss='],
    ['two issuers', `iss=${issuer}&iss=${issuer}`],
    ['two targets', 'return=/a&return=/b'],
    ['a hint without an issuer', 'login_hint=alice'],
    ['a target without an issuer', 'target_link_uri=/a'],
    ['both targets', `iss=${issuer}&return=/a&target_link_uri=/b`],
    ['a hint without end', `iss=${issuer}&login_hint=${'x'.repeat(1001)}`],
    ['a broken escape', 'return=/%zz'],
  ])('with %s is refused', (_name, query) => {
    expect(() => parse(query)).toThrow('login_invalid');
  });

  it.each([{ path: '/a?b=c&d=%26' }, { path: '/a?b', loginHint: 'alice&iss=x' }, { path: '/' }])(
    'says %j again when it is encoded',
    (wish) => {
      expect(parse(encodeLoginInitiation(wish, issuer))).toEqual(wish);
    },
  );
});
