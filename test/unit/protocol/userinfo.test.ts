import { describe, expect, it } from 'vitest';
import type { VerifiedJws } from '../../../src/protocol/jws';
import { parseUserinfo, signedUserinfo } from '../../../src/protocol/userinfo';

const parse = (body: unknown) =>
  parseUserinfo('application/json', typeof body === 'string' ? body : JSON.stringify(body), 'alice');

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

  describe('that is signed', () => {
    const signed = (payload: Record<string, unknown>) =>
      signedUserinfo({ payload } as unknown as VerifiedJws, {
        issuer: 'https://idp.test',
        clientId: 'client',
        sub: 'alice',
      });

    it('may name its issuer and whom it is for', () => {
      for (const more of [{}, { iss: 'https://idp.test', aud: 'client' }, { aud: ['other', 'client'] }]) {
        expect(signed({ sub: 'alice', ...more })).toEqual({ sub: 'alice', ...more });
      }
    });

    it.each([
      { iss: 'https://other.test' },
      { iss: '' },
      { iss: null },
      { aud: 'other' },
      { aud: [] },
      { aud: ['other'] },
      { aud: null },
      { sub: 'mallory' },
      { sub: undefined },
    ])('is refused with %j', (change) => {
      expect(() => signed({ sub: 'alice', ...change })).toThrow(expect.objectContaining({ code: 'userinfo_invalid' }));
    });
  });
});
