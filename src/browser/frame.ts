import { type PageSettings, readPageSettings } from '../config/page-settings';
import { logWarning } from '../nginx/log';
import { isNews } from '../nginx/news';
import { variableOf } from '../nginx/variable';
import { randomToken } from '../protocol/random';
import { printable } from '../protocol/text';
import { chooseLanguage } from './accept-language';
import { readTexts } from './texts';

/** In whose language and with whose look one page is made. */
export interface Frame {
  /** a language tag */
  readonly language: string;
  /** An English text in that language, with its values in place; not escaped. */
  readonly say: (english: string, values?: Record<string, string>) => string;
  /** what the script says in that language, undefined where that is as it stands in the script */
  readonly script: Record<string, string> | undefined;
  readonly look: PageSettings;
  /** of the page's styles and script, never used twice */
  readonly nonce: string;
}

/** By the browser's Accept-Language and `$oidc_page_*`. What of these cannot be used is left out, and told in the log. */
export function frameOf(r: NginxHTTPRequest): Frame {
  const complain = (problem: string) => {
    if (isNews(problem)) {
      logWarning(r, { code: 'page_incomplete', detail: printable(problem, 500) }, 'pages are shown without it');
    }
  };
  const look = readPageSettings(variableOf(r), complain);
  const chosen = chooseLanguage(r.variables.http_accept_language || '', look.page_languages);
  const isEnglish = chosen === 'en' && look.page_texts === '';
  const texts = isEnglish ? undefined : readTexts(look.page_texts, chosen, complain);
  const say = (english: string, values: Record<string, string> = {}) =>
    ((texts && texts.pages[english]) || english).replace(/\{(\w+)\}/g, (whole, name) =>
      values[name] === undefined ? whole : values[name],
    );
  return {
    language: texts ? chosen : 'en',
    say,
    script: texts && texts.script,
    look,
    nonce: randomToken(16),
  };
}
