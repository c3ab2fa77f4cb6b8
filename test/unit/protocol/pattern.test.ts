import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../src/protocol/pattern';

describe('a pattern', () => {
  it.each<[string, string[], string[]]>([
    ['abc', ['abc'], ['', 'ab', 'abcd', 'xabc', 'ABC']],
    ['^abc$', ['abc'], ['abcd', '^abc$']],
    ['a.c', ['abc', 'a\nc', 'a😀c'], ['ac', 'abbc']],
    [
      '.*@example\\.com',
      ['a@example.com', '@example.com'],
      ['a@exampleXcom', 'a@example.com.evil.test', 'a@example.co'],
    ],
    ['(admin|editor)s?', ['admin', 'admins', 'editors'], ['adminss', 'adm', '']],
    ['^staff|admin$', ['staff', 'admin'], ['staffx', 'xadmin']],
    ['[a-c]+', ['a', 'abcabc'], ['', 'abd']],
    ['[^a-c]', ['d', 'ß', '😀'], ['a', '', 'dd']],
    ['[\\w.-]{2,3}', ['a.', '_-9'], ['a', 'abcd', 'a b']],
    ['\\d{4}-\\d{2}', ['2026-11'], ['2026-1', '2026-111']],
    ['a{2}', ['aa'], ['a', 'aaa']],
    ['a{2,}', ['aa', 'aaaaa'], ['a']],
    ['(?:ab)*', ['', 'abab'], ['aba']],
    ['a?b*c+', ['c', 'abcc', 'bbbc'], ['a', 'aac']],
    ['\\*\\$\\{', ['*${'], ['']],
    ['\\S+\\s\\D', ['ab c'], ['ab 1', 'a b c']],
    ['(|a)b', ['b', 'ab'], ['aab']],
    ['(()*)*x', ['x'], ['']],
    ['é+', ['é', 'éé'], ['e']],
    ['[α-ω]+', ['λογος'], ['logos']],
    ['.{2}', ['😀😀'], ['😀']],
    ['', [''], ['a']],
  ])('%s', (source, those, others) => {
    const matches = compilePattern(source);
    expect(those.filter((text) => !matches(text))).toEqual([]);
    expect(others.filter((text) => matches(text))).toEqual([]);
  });

  it.each([
    ['[]a]', 'empty "[]"'],
    ['a**', 'repeats a repetition'],
    ['a+?', 'repeats a repetition'],
    ['*a', 'repeats nothing'],
    ['(a', 'lacks a ")"'],
    ['a)', 'too many'],
    ['[a', 'lacks a "]"'],
    ['[z-a]', 'ends before it begins'],
    ['a$b', 'anchor'],
    ['(?=a)', 'not supported'],
    ['(?<name>a)', 'not supported'],
    ['(?i)a', 'not supported'],
    ['(a)\\1', 'not supported'],
    ['\\bword', 'not supported'],
    ['a{2', 'no repetition'],
    ['a{101}', '100 times'],
    ['a{3,2}', 'fewer'],
    ['a\\', 'not supported'],
    ['(((a{100}){100}){100})', 'too large'],
    [`${'('.repeat(30)}a${')'.repeat(30)}`, 'too deeply'],
  ])('refuses %s', (source, why) => {
    expect(() => compilePattern(source)).toThrow(why);
  });

  it.each(['(a+)+b', '(a|a)*b', '(a*)*b', '(a|aa)+b', '(.*){5}.*x', '([a-z]+)*[0-9]'])(
    'takes time in proportion to the text only: %s',
    (source) => {
      const matches = compilePattern(source);
      const began = performance.now();
      expect(matches('a'.repeat(1000))).toBe(false);
      expect(performance.now() - began).toBeLessThan(500);
    },
  );

  it('matches no text of more than 1024 characters', () => {
    const matches = compilePattern('a*');
    expect([matches('a'.repeat(1024)), matches('a'.repeat(1025))]).toEqual([true, false]);
  });
});
