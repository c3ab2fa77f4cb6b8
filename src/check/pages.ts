import { readTexts } from '../browser/texts';
import { readPageSettings } from '../config/page-settings';
import { variableOf } from '../nginx/variable';
import { printable } from '../protocol/text';
import { type Finding, finding } from './finding';

/** The settings of pages and the texts of each language; none of it keeps people from signing in. */
export function checkPages(r: NginxHTTPRequest): Finding[] {
  const problems: string[] = [];
  const complain = (problem: string) => {
    problems.push(printable(problem, 500));
  };
  const look = readPageSettings(variableOf(r), complain);
  const usable = look.page_languages.filter(
    (language) => readTexts(look.page_texts, language, complain) !== undefined || language === 'en',
  );
  const findings = problems
    .filter((problem, index) => problems.indexOf(problem) === index)
    .map((problem) => finding('warning', 'pages', problem, 'pages are shown without it: docs/pages.md'));
  return findings.concat(finding(usable.length > 0 ? 'ok' : 'warning', 'languages of pages', usable.join(' ') || 'en'));
}
