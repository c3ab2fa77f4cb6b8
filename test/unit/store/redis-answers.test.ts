import { describe, expect, it } from 'vitest';
import { readNumber, readText } from '../../../src/store/redis-answers';

describe('an answer of what speaks to the store', () => {
  it('is a text, or a number', () => {
    expect(readText({ status: 200, responseText: '$a text' })).toBe('a text');
    expect(readText({ status: 200, responseText: '_' })).toBe('');
    expect(readNumber({ status: 200, responseText: ':-1' })).toBe(-1);
  });

  it.each([
    [200, '-WRONGPASS', 'store_refused', /user or password is wrong/],
    [200, '-NOAUTH', 'store_refused', /wants a password/],
    [200, '-NOPERM evalsha', 'store_refused', /refuses evalsha .*access rules/],
    [200, '-MOVED', 'store_refused', /Redis Cluster/],
    [200, '-ERR', 'store_refused', /ERR/],
    [200, '-constructor', 'store_refused', /see its documentation/],
    [200, '-OOM', 'store_full', /maxmemory/],
    [200, '-ERR clients', 'store_unreachable', /maxclients/],
    [503, 'READONLY', 'store_unreachable', /no server .* \(READONLY\)/],
    [503, '<html>', 'store_unreachable', /none is left/],
    [502, 'broken', 'store_unreachable', /makes no sense/],
    [502, '<html>', 'store_unreachable', /out of reach or slow/],
    [504, '', 'store_unreachable', /504/],
    [200, '', 'store_unreachable', /makes no sense/],
    [200, 'x', 'store_unreachable', /makes no sense/],
    [200, '_x', 'store_unreachable', /makes no sense/],
    [400, 'no operation of the store', 'store_refused', /one version/],
  ] as const)('of status %i with %j is %s', (status, responseText, code, detail) => {
    for (const read of [readText, readNumber]) {
      const error = caught(() => read({ status, responseText }));
      expect(error).toMatchObject({ code, detail: expect.stringMatching(detail) });
    }
  });

  it('of one kind is not taken for the other', () => {
    expect(caught(() => readNumber({ status: 200, responseText: '$1' }))).toMatchObject({ code: 'store_unreachable' });
    expect(caught(() => readText({ status: 200, responseText: ':1' }))).toMatchObject({ code: 'store_unreachable' });
    expect(caught(() => readNumber({ status: 200, responseText: ':' }))).toMatchObject({ code: 'store_unreachable' });
  });
});

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
