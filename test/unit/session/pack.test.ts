import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../../src/session/pack';

describe('packed texts', () => {
  it('come back as they went, whatever they are', () => {
    const base64url = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
    const jwt = fc.tuple(base64url, base64url, base64url).map((parts) => parts.join('.'));
    const text = fc.oneof(jwt, base64url, fc.string({ unit: 'binary' }), fc.stringMatching(/^[\w.-]*$/));
    fc.assert(
      fc.property(fc.array(text.filter(isWellFormed), { maxLength: 5 }), (texts) => {
        expect(unpack(pack(texts))).toEqual(texts);
      }),
    );
  });

  it('of tokens take a quarter less', () => {
    const token = [24, 600, 256].map((bytes) => Buffer.alloc(bytes, 'x7').toString('base64url')).join('.');
    expect(pack([token]).length).toBe(24 + 600 + 256 + 3 * 2);
  });

  it.each([8191, 8192, 65_535, 65_536, 200_000])('of %i characters come back, too', (length) => {
    const long = '!'.repeat(length);
    expect(unpack(pack([long, 'a']))).toEqual([long, 'a']);
  });
});

/** A lone surrogate has no UTF-8; a token is ASCII. */
function isWellFormed(text: string): boolean {
  return Buffer.from(text).toString() === text;
}
