import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeReturnPath } from '../../../src/protocol/return-path';

describe('the path to return to', () => {
  it.each(['/', '/a/b?c=d&e=%2F', '/?next=https://other.test/', '/a//b', '/@user', '/a:b', '/%5Cother.test', '/#top'])(
    'may be %j',
    (path) => {
      expect(safeReturnPath(path)).toBe(path);
    },
  );

  it.each([
    '',
    'x',
    'https://other.test/',
    '//other.test/',
    '/\\other.test',
    '\\\\other.test',
    '/\t/other.test',
    '/\n/other.test',
    '/a\\b',
    '/a b',
    '/a\u0000',
    '/a\r\nSet-Cookie: x=1',
    '/a\u007f',
    'javascript:alert(1)',
    ' /a',
    '?a',
  ])('is the front page instead of %j', (path) => {
    expect(safeReturnPath(path)).toBe('/');
  });

  it('is percent-encoded where it is not ASCII', () => {
    expect(safeReturnPath('/straße/日本?q=ü')).toBe('/stra%c3%9fe/%e6%97%a5%e6%9c%ac?q=%c3%bc');
  });

  it('loses its query, then itself, when it is too long for a cookie', () => {
    expect(safeReturnPath(`/${'a'.repeat(1999)}`)).toHaveLength(2000);
    expect(safeReturnPath(`/a?${'q'.repeat(2000)}`)).toBe('/a');
    expect(safeReturnPath(`/${'a'.repeat(2000)}`)).toBe('/');
    expect(safeReturnPath(`/${'ü'.repeat(700)}`)).toBe('/');
  });

  it('never leads to another origin', () => {
    const piece = fc.constantFrom('/', '\\', '//', 'other.test', '@', ':', '?', '#', '.', '..', '%2f', '\t', '\n', 'ü');
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 10 }), (pieces) => {
        const path = safeReturnPath(pieces.join(''));
        expect(new URL(path, 'https://app.test').origin).toBe('https://app.test');
        expect(path).toMatch(/^\/[\x21-\x7e]*$/);
      }),
      { numRuns: 2000 },
    );
  });
});
