import { describe, expect, it } from 'vitest';
import { parseUserinfo } from '../../../src/protocol/userinfo';

const parse = (body: unknown, status = 200, type = 'application/json') =>
  parseUserinfo(status, type, typeof body === 'string' ? body : JSON.stringify(body), 'alice');

describe('UserInfo', () => {
  it('is taken for the person of the ID token', () => {
    expect(parse({ sub: 'alice', email: 'a@example.com' })).toEqual({ sub: 'alice', email: 'a@example.com' });
  });

  it.each([undefined, '', 'mallory', 'Alice', 'alice ', ['alice'], { alice: 1 }, null, true])(
    'of sub %j is of somebody else',
    (sub) => {
      expect(() => parse({ sub })).toThrow(expect.objectContaining({ code: 'userinfo_invalid' }));
    },
  );

  it.each(['', 'null', '[]', '{', '"alice"', '<html>'])('that is %j is none', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'userinfo_failed' }));
  });

  it.each([201, 204, 302, 401, 403, 500])('with status %i is none', (status) => {
    expect(() => parse({ sub: 'alice' }, status)).toThrow(expect.objectContaining({ code: 'userinfo_failed' }));
  });

  it('as a JWT is refused in words', () => {
    expect(() => parse('a.b.c', 200, 'application/jwt; charset=utf-8')).toThrow(/JWT, which is not supported/);
  });
});
