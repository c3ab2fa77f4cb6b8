import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimText, claimVariableName } from '../../../src/protocol/claims';

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

  it('ends no header line and begins no other', () => {
    expect(claimText('a\r\nX-Admin: 1\u0000\u007f')).toBe('aX-Admin: 1');
    expect(claimText(['a\n', '\rb'])).toBe('a,b');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void expect(claimText(value) ?? '').not.toMatch(/[\x00-\x1f\x7f]/)),
    );
  });

  it('has an end', () => {
    expect(claimText('x'.repeat(100_000))).toHaveLength(4096);
    expect(claimText(Array(10_000).fill('group'))).toHaveLength(4096);
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
