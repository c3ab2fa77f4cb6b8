import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimHeader, claimText, claimVariableName } from '../../../src/protocol/claims';

describe('a claim in a header', () => {
  it.each([
    ['a text', 'Alice', 'Alice'],
    ['a number', 42, '42'],
    ['false', false, 'false'],
    ['a list', ['staff', 'admins'], 'staff,admins'],
    ['a mixed list', ['a', 1, true], 'a,1,true'],
    ['an empty list', [], ''],
    ['what is not ASCII', 'Zoë 日本', 'Zoë 日本'],
  ])('%s', (_name, value, text) => {
    expect(claimText(value)).toBe(text);
  });

  it.each([
    ['null', null],
    ['an object', { a: 1 }],
    ['nothing', undefined],
    ['a list with an object', ['a', {}]],
    ['a list in a list', [['a']]],
    ['a list with null', [null]],
  ])('is left out for %s', (_name, value) => {
    expect(claimText(value)).toBeUndefined();
  });

  it('has no blanks at its ends, as in HTTP', () => {
    expect(claimText(' \tAlice Liddell\t ')).toBe('Alice Liddell');
    expect(claimText([' a', 'b '])).toBe('a,b');
  });
});

describe('a claim is handed on', () => {
  const limits = { mostBytes: 8, separator: ',' };

  it('whole, up to the limit in UTF-8 bytes', () => {
    expect(claimHeader('12345678', limits)).toEqual({ text: '12345678' });
    expect(claimHeader(['1234', '678'], limits)).toEqual({ text: '1234,678' });
    expect(claimHeader('日本zo', limits)).toEqual({ text: '日本zo' });
    expect(claimHeader('', limits)).toEqual({ text: '' });
  });

  it.each([
    ['text', '123456789', 9],
    ['list', ['1234', '5678'], 9],
    ['text that is not ASCII', '日本日', 9],
  ])('not at all when a %s is longer, and the reason has its size', (_name, value, bytes) => {
    expect(claimHeader(value, limits)).toEqual({
      problem: `takes ${bytes} bytes, more than $oidc_claim_max_length (8)`,
      remedy: expect.stringContaining('less of it'),
    });
  });

  it.each(['a\nb', 'a\rb', 'a\u0000', '\u007f', 'a\tb', ['x', 'y\n']])(
    'not at all with control characters, without which it would be another one: %j',
    (value) => {
      expect(claimHeader(value, limits)).toMatchObject({ problem: 'has control characters' });
    },
  );

  it('not at all as a number that JSON.parse rounds, which would be that of another', () => {
    const { uid, ids } = JSON.parse('{"uid":12345678901234567891,"ids":[1,-12345678901234567891]}');
    const roomy = { mostBytes: 99, separator: ',' };
    for (const value of [uid, ids]) {
      expect(claimHeader(value, roomy)).toMatchObject({ problem: 'is a number of more than 15 digits' });
    }
    expect(claimHeader(Number.MAX_SAFE_INTEGER, roomy)).toEqual({ text: '9007199254740991' });
    expect(claimHeader(-1.5, roomy)).toEqual({ text: '-1.5' });
  });

  it('not at all with characters lost on the way, without which two names look alike', () => {
    const name = Buffer.from('Zo\xeb', 'latin1').toString();
    expect(claimHeader(name, limits)).toMatchObject({ problem: 'has characters that are not UTF-8' });
  });

  it('not at all when one entry of a list would pass for two', () => {
    expect(claimHeader(['staff', 'x,admins'], { mostBytes: 99, separator: ',' })).toEqual({
      problem: 'has an entry with "," in it, which would pass for two',
      remedy: expect.stringContaining('$oidc_list_separator'),
    });
    const names = ['cn=a,dc=x', 'cn=b,dc=x'];
    expect(claimHeader(names, { mostBytes: 99, separator: ';' })).toEqual({ text: 'cn=a,dc=x;cn=b,dc=x' });
    expect(claimHeader('a, b', limits)).toEqual({ text: 'a, b' });
  });

  it.each([[{ a: 1 }], [['a', {}]]])('not at all as an object: %j', (value) => {
    expect(claimHeader(value, limits)).toMatchObject({ problem: 'is an object' });
  });

  it.each([null, undefined])('never as the text of %s', (value) => {
    expect(claimHeader(value, limits)).toBeUndefined();
  });

  it('whole or not at all, whatever it is, and never ends a header line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const header = claimHeader(value, limits);
        if (header && 'text' in header) {
          expect(header.text).not.toMatch(/[\x00-\x1f\x7f]/);
          expect(header.text).toBe(claimText(value));
          expect(Buffer.byteLength(header.text)).toBeLessThanOrEqual(8);
          if (Array.isArray(value) && value.length > 0) expect(header.text.split(',')).toHaveLength(value.length);
        }
      }),
    );
  });
});

describe("a claim's variable", () => {
  it.each([
    ['email', 'email'],
    ['cognito:groups', 'cognito_groups'],
    ['https://ns.test/Role', 'https___ns_test_role'],
    ['a-b.c', 'a_b_c'],
  ])('of %j is named %s', (claim, name) => {
    expect(claimVariableName(claim)).toBe(name);
  });
});
