import { describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../../src/browser/accept-language';

const offered = ['en', 'de', 'fr', 'es', 'ja', 'pt', 'zh-Hans'];
const choose = (header: string, some = offered) => chooseLanguage(header, some);

describe('the language of a page', () => {
  it.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['DE-at', 'de'],
    ['de-CH-1996', 'de'],
    ['fr-CA,fr;q=0.9,en;q=0.8', 'fr'],
    ['it,es;q=0.9,en;q=0.8', 'es'],
    ['en;q=0.5, ja;q=0.9', 'ja'],
    ['en ; q=0.5 ,\tja ; q=0.9', 'ja'],
    ['pt-BR', 'pt'],
    ['ja;q=0.8,de;q=0.8', 'ja'],
    ['zh-CN,zh;q=0.9', 'zh-Hans'],
    ['zh', 'zh-Hans'],
    ['zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7', 'zh-Hans'],
    ['zh-Hant-TW', 'zh-Hans'],
  ])('for %j is %s', (header, expected) => {
    expect(choose(header)).toBe(expected);
  });

  it.each([
    '',
    'it',
    'it,nl;q=0.3',
    '*',
    'de;q=0',
    'x-klingon',
    'd',
    'dex',
    'de-',
    '-de',
    'de;q=2',
    'de;q=0.1234',
    'de;q=',
    'de q=1',
    ',,,',
    'en;q=0,it',
  ])('for %j is the first that is offered', (header) => {
    expect(choose(header)).toBe('en');
  });

  it('is not one that the browser refuses, where it would have another', () => {
    expect(choose('en;q=0,*')).toBe('de');
    expect(choose('en;q=0,de;q=0,*;q=0.1')).toBe('fr');
    expect(choose('zh-Hans;q=0,zh,es;q=0.2')).toBe('es');
  });

  it('is the one that fits best of several of a language', () => {
    const some = ['pt', 'pt-BR', 'en-GB', 'en'];
    expect(choose('pt-BR', some)).toBe('pt-BR');
    expect(choose('pt-PT', some)).toBe('pt');
    expect(choose('en-US', some)).toBe('en');
    expect(choose('en-GB-oed', some)).toBe('en-GB');
    expect(choose('en', ['fr', 'en-GB'])).toBe('en-GB');
  });

  it('takes no time for a header that nobody sends, which says nothing', () => {
    const began = performance.now();
    for (const header of [
      `de${'-a'.repeat(500_000)}`,
      'de,'.repeat(300_000),
      `de;q=0.${'0'.repeat(900_000)}`,
      ' '.repeat(900_000),
    ]) {
      expect(choose(header)).toBe('en');
    }
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
