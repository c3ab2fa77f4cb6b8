import { pageTexts, scriptTexts } from '../../src/browser/page-texts';
import { errorTable, operatorText } from '../../src/protocol/errors';

/** Every text that a page can show, as a file of nginx/openid_connect.texts/ names them: in English, in their order. */
export function englishTexts(): Record<'pages' | 'script', string[]> {
  const errors = Object.values(errorTable).flatMap(({ title, text }) => [title, text]);
  return { pages: [...new Set([...pageTexts, ...errors, operatorText])], script: [...scriptTexts] };
}

/** en.json: English needs no file; this one is for whoever begins a language, or changes the English. */
export function englishFile(): string {
  const same = (texts: string[]) => Object.fromEntries(texts.map((text) => [text, text]));
  const { pages, script } = englishTexts();
  return `${JSON.stringify({ pages: same(pages), script: same(script) }, null, 2)}\n`;
}
