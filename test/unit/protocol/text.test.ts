import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, printable } from '../../../src/protocol/text';

describe('text in HTML', () => {
  it('can end neither an element nor an attribute of either quotation', () => {
    expect(escapeHtml(`<a href="x" title='y'>&amp;</a>`)).toBe(
      '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;',
    );
    fc.assert(fc.property(fc.string(), (text) => void expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!\w+;|#39;)/)));
  });
});

describe('text in a log line', () => {
  it('is one line of printable ASCII', () => {
    expect(printable('a\r\nb\tc\u001b[31m é', 100)).toBe('a??b?c?[31m ?');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void expect(printable(text, 50)).toMatch(/^[ -~]*$/)),
    );
  });

  it('is cut where it is too long', () => {
    expect(printable('abcdef', 3)).toBe('abc...');
    expect(printable('abc', 3)).toBe('abc');
  });
});
