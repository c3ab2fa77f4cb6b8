import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { englishFile, englishTexts } from '../../../scripts/docs/page-texts';
import { returnScript } from '../../../src/browser/return-script';
import { readTexts } from '../../../src/browser/texts';
import { pageSettings } from '../../../src/config/page-settings';
import { textsIn } from '../../support/page-frame';

const english = englishTexts();
const others = pageSettings.page_languages.default.split(' ').filter((language) => language !== 'en');
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe.each(others)('the texts in %s', (language) => {
  const texts = textsIn(language);

  it.each(['pages', 'script'] as const)('are all of the %s, and no other', (part) => {
    expect(Object.keys(texts[part])).toEqual(english[part]);
  });

  it('have the placeholders of the English ones', () => {
    for (const [text, translation] of Object.entries({ ...texts.pages, ...texts.script })) {
      expect(placeholders(translation), text).toEqual(placeholders(text));
    }
  });

  it('are translated, end like sentences where the English ones do, and hold no HTML', () => {
    for (const [text, translation] of Object.entries({ ...texts.pages, ...texts.script })) {
      if (!/^Cause: /.test(text)) expect(translation).not.toBe(text);
      expect(/[.。]$/.test(translation), text).toBe(/\.$/.test(text));
      expect(translation, text).not.toMatch(/[<>&]|^\s|\s$| {2}/);
    }
  });

  it('say the same of the same text on a page and in the script', () => {
    for (const text of english.script.filter((one) => english.pages.includes(one))) {
      expect(texts.script[text]).toBe(texts.pages[text]);
    }
  });
});

describe('the English texts', () => {
  it('are those of the script', () => {
    const quoted = [...returnScript.matchAll(/'((?:[A-Z])[^'\n]*? [^'\n]*|Sign in)'/g)].map(([, text = '']) => text);
    const said = [...new Set(quoted)].filter((text) => !/^Content-/.test(text));
    expect(said.sort()).toEqual([...english.script].sort());
  });

  it('are in en.json, for whoever begins another language', () => {
    expect(JSON.parse(englishFile())).toEqual(textsIn('en'));
  });
});

describe('the files of texts', () => {
  let folder: string;
  let problems: string[];
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const read = (own: string, language: string) => readTexts(own, language, (problem) => problems.push(problem));
  const shipped = 'conf.d/openid_connect.texts';

  beforeEach(() => {
    folder = `${mkdtempSync(join(tmpdir(), 'oidc-texts-'))}/`;
    problems = [];
    Object.assign(globalThis, { ngx: { conf_prefix: folder } });
    write(`${shipped}/de.json`, '{"pages":{"Sign in":"Anmelden","Continue":"Weiter"},"script":{"Send it":"Senden"}}');
  });
  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'ngx');
    rmSync(folder, { recursive: true, force: true });
  });

  it("are the shipped ones, and the operator's text by text", () => {
    expect(read('', 'de')).toEqual({
      pages: { 'Sign in': 'Anmelden', Continue: 'Weiter' },
      script: { 'Send it': 'Senden' },
    });
    write('own/de.json', '{"pages":{"Sign in":"Einloggen","Acme":"Firma Acme","Continue":"","constructor":7}}');
    const expected = { 'Sign in': 'Einloggen', Continue: 'Weiter', Acme: 'Firma Acme' };
    expect(read('own', 'de')?.pages).toEqual(expected);
    expect(read(`${folder}own`, 'de')?.pages).toEqual(expected);
    expect(problems).toEqual([]);
  });

  it('may be of a language that is not shipped, and of English', () => {
    write('own/it.json', '{"pages":{"Sign in":"Accedi"}}');
    write('own/en.json', '{"pages":{"Sign in":"Log in"}}');
    expect(read('own', 'it')).toEqual({ pages: { 'Sign in': 'Accedi' }, script: {} });
    expect(read('own', 'en')).toEqual({ pages: { 'Sign in': 'Log in' }, script: {} });
    expect(problems).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    [
      'is not there',
      '',
      /^there is no .*openid_connect\.texts\/fr\.json: copy .*or leave fr out of \$oidc_page_languages$/,
    ],
    ['is broken', '{"pages": {"Sign in" "x"}}', /fr\.json is not JSON: .*position 21/],
    ['is a list of something else', '7', /fr\.json must be an object with "pages" and "script"$/],
    ['is null', 'null', /fr\.json must be an object with "pages" and "script"$/],
    ['is too large', ' '.repeat(262_145), /fr\.json is larger than 262144 bytes$/],
  ])('one that %s leaves the page in English, and says so once', (_, text, message) => {
    if (text !== '') write(`${shipped}/fr.json`, text);
    expect(read('', 'fr')).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    '[]',
    '{}',
    '{"pages":7,"script":null}',
    '{"pages":["x"],"script":"x"}',
    '{"__proto__":{"pages":{"Sign in":"x"}}}',
  ])('one that has %s changes nothing', (text) => {
    write(`${shipped}/fr.json`, text);
    expect(read('', 'fr')?.pages['Sign in']).toBeUndefined();
  });

  it('a broken one of the operator leaves the shipped one', () => {
    write('own/de.json', '{');
    expect(read('own', 'de')?.pages['Sign in']).toBe('Anmelden');
    expect(problems).toEqual([expect.stringMatching(/own\/de\.json is not JSON/)]);
  });

  it('a folder of the operator that is not there is named', () => {
    expect(read('wrong', 'de')?.pages['Sign in']).toBe('Anmelden');
    expect(problems).toEqual([`$oidc_page_texts: there is no folder ${folder}wrong`]);
  });

  it('one that NGINX cannot read is named, with the user who must', () => {
    mkdirSync(join(folder, shipped, 'fr.json'));
    expect(read('', 'fr')).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(/fr\.json must be readable for (?:user|the user) .*: EISDIR/)]);
  });
});
