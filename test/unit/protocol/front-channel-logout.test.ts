import { describe, expect, it } from 'vitest';
import { frontChannelSid, isGuessable } from '../../../src/protocol/front-channel-logout';

const issuer = 'https://idp.test/realms/one';
const encoded = encodeURIComponent(issuer);

describe('the request of a front-channel logout', () => {
  it.each([
    [`iss=${encoded}&sid=abc`, 'abc'],
    [`sid=abc&iss=${encoded}`, 'abc'],
    ['sid=abc', 'abc'],
    ['sid=a%2Fb%3D%3D+%C3%A9&more=1', 'a/b== é'],
    [`iss=${encoded}&amp;sid=abc`, 'abc'],
    [`sid=abc&amp;iss=${encoded}`, 'abc'],
  ])('%s names a session', (query, sid) => {
    expect(frontChannelSid(query, [issuer])).toBe(sid);
  });

  it.each([
    ['', 'without one "sid"'],
    ['sid=', 'without one "sid"'],
    [`iss=${encoded}`, 'without one "sid"'],
    ['sid=abc&sid=abc', 'without one "sid"'],
    ['sid=abc&x=1&x=2', 'without one "sid"'],
    ['sid=abc&amp;sid=abc', 'without one "sid"'],
    ['sid=abc&amp;sid=abd', 'without one "sid"'],
    ['sid=abc&amp;iss=https://evil.test', '"iss" is "https://evil.test"'],
    ['sid=%', 'without one "sid"'],
    ['sid=%ff', 'without one "sid"'],
    ['sid=abc&iss=', '"iss" is ""'],
    [`sid=abc&iss=${encoded}%2F`, '"iss" is "https://idp.test/realms/one/"'],
    ['sid=abc&iss=https://idp.test/realms/on', '"iss" is '],
    ['sid=abc&iss=HTTPS://idp.test/realms/one', '"iss" is '],
  ])('%s is refused', (query, why) => {
    expect(() => frontChannelSid(query, [issuer])).toThrow(expect.objectContaining({ code: 'logout_invalid' }));
    expect(() => frontChannelSid(query, [issuer])).toThrow(why);
  });

  it('puts no sid and no control character of a refused one into the message', () => {
    expect(() => frontChannelSid('sid=secret-sid&iss=a%0ab', [issuer])).toThrow(/^logout_invalid: [\x20-\x7e]*"a\?b"/);
    expect(() => frontChannelSid('sid=secret-sid&iss=a', [issuer])).not.toThrow(/secret-sid/);
    expect(() => frontChannelSid('sid=secret-sid&sid=secret-sid', [issuer])).not.toThrow(/secret-sid/);
  });
});

describe('a sid', () => {
  it.each([
    '',
    '1',
    'alice',
    'session-0000001',
    '0123456789012345678901',
    'S-1-5-21-3623811015-3361044348-30300820-1013',
  ])('%s could be guessed', (sid) => {
    expect(isGuessable(sid)).toBe(true);
  });

  it.each(['08a5019c-17e1-4977-8f42-65a12843ea02', 'V1StGXR8_Z5jdHi6B-myT', '4a5f0c1b2d3e4f5a6b7c8d9e'])(
    '%s could not',
    (sid) => {
      expect(isGuessable(sid)).toBe(false);
    },
  );
});
