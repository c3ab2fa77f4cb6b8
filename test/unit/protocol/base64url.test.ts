import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url } from '../../../src/protocol/base64url';

describe('base64url', () => {
  it('brings any bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(Array.from(decodeBase64url(encodeBase64url(bytes)) ?? [])).toEqual(Array.from(bytes));
      }),
    );
  });

  it.each([
    ['padding', 'YQ=='],
    ['the standard alphabet', '-_+/'],
    ['a length that cannot be', 'A'],
    ['bits beyond the last byte', 'YR'],
    ['white space', 'YW Jj'],
    ['a line break at the end', 'YWJj\n'],
    ['what is not ASCII', 'YWJ\u{1d538}'],
  ])('refuses %s', (_name, text) => {
    expect(decodeBase64url(text)).toBeUndefined();
  });

  it('decodes a text in one way only', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        const bytes = decodeBase64url(text);
        if (bytes) expect(encodeBase64url(bytes)).toBe(text);
      }),
    );
  });
});
