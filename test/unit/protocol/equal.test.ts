import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantTimeEqual } from '../../../src/protocol/equal';

describe('the comparison of secrets', () => {
  it('says what === says', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 6 });
    fc.assert(fc.property(text, text, (a, b) => void expect(constantTimeEqual(a, b)).toBe(a === b)));
    fc.assert(fc.property(text, (a) => void expect(constantTimeEqual(a, `${a}`)).toBe(true)));
  });

  it.each([
    ['', 'a'],
    ['a', ''],
    ['a', 'aa'],
    ['aa', 'a'],
    ['ab', 'aba'],
  ])('tells %j from %j', (a, b) => {
    expect(constantTimeEqual(a, b)).toBe(false);
  });
});
