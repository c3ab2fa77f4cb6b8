import { readFileSync } from 'node:fs';
import type { Frame } from '../../src/browser/frame';
import { type PageSettings, readPageSettings } from '../../src/config/page-settings';

/** A file of nginx/openid_connect.texts/. */
export function textsIn(language: string): Record<'pages' | 'script', Record<string, string>> {
  return JSON.parse(
    readFileSync(new URL(`../../nginx/openid_connect.texts/${language}.json`, import.meta.url), 'utf8'),
  );
}

/** What frameOf() makes of a request, without one. @param look `$oidc_page_*`, without the `oidc_` */
export function pageFrame(language = 'en', look: Partial<Record<keyof PageSettings, string>> = {}): Frame {
  const texts = language === 'en' ? undefined : textsIn(language);
  const complain = (problem: string) => {
    throw new Error(problem);
  };
  return {
    language,
    say: (english, values = {}) =>
      (texts?.pages[english] ?? english).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole),
    script: texts?.script,
    look: readPageSettings((name) => look[name.slice('oidc_'.length) as keyof PageSettings], complain),
    nonce: 'a-nonce-of-the-test',
  };
}
