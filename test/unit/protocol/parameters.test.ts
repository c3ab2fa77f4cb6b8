import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeForm, encodeValue, parseParameters } from '../../../src/protocol/parameters';

describe('a form', () => {
  it('is read by the standard parser as it was meant', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 8 }), (pairs) => {
        expect([...new URLSearchParams(encodeForm(pairs))]).toEqual(pairs);
      }),
    );
  });

  it('encodes what separates, spaces, and the characters that encodeURIComponent leaves', () => {
    expect(encodeValue("a&b=c +%!'()*~-_.")).toBe('a%26b%3Dc%20%2B%25%21%27%28%29%2A~-_.');
  });
});

describe('a query string', () => {
  it('gives back what a form said', () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { selector: ([name]) => name });
    fc.assert(
      fc.property(pairs, (list) => {
        expect(Object.entries(parseParameters(encodeForm(list)) ?? {}).sort()).toEqual([...list].sort());
      }),
    );
  });

  it.each([
    ['a=1&b=', { a: '1', b: '' }],
    ['a', { a: '' }],
    ['&&a=1&', { a: '1' }],
    ['', {}],
    ['a=b=c', { a: 'b=c' }],
    ['q=a+b%2Bc', { q: 'a b+c' }],
    ['n=%C3%A9', { n: 'é' }],
  ])('%j is read', (query, expected) => {
    expect({ ...parseParameters(query) }).toEqual(expected);
  });

  it.each([
    ['a name twice', 'state=1&state=1'],
    ['a name twice, once encoded', 'state=1&st%61te=2'],
    ['an empty value twice', 'a=&a='],
    ['half an escape', 'a=%'],
    ['an escape that is none', 'a=%zz'],
    ['broken UTF-8', 'a=%C3%28'],
    ['overlong UTF-8', 'a=%C0%AF'],
    ['a surrogate in UTF-8', 'a=%ED%A0%80'],
    ['a broken name', '%ff=1'],
    ['what had to be encoded', 'a=é'],
    ['half a character', 'a=\ud800'],
  ])('with %s is refused whole', (_name, query) => {
    expect(parseParameters(query)).toBeUndefined();
  });

  it('has no parameters that nobody sent', () => {
    const parameters = parseParameters('__proto__=x&constructor=y');
    expect(Object.keys(parameters ?? {})).toEqual(['__proto__', 'constructor']);
    expect(parameters?.toString).toBeUndefined();
    expect(parseParameters('__proto__=x&__proto__=y')).toBeUndefined();
  });
});
