import type { Note } from '../protocol/errors';
import { escapeHtml } from '../protocol/text';
import type { Frame } from './frame';
import { renderDocument } from './page';

/** What the page that lets a person choose a provider says. All of it is text and is escaped here. */
export interface Chooser {
  /** In the order in which they are offered. */
  providers: { label: string; href: string /** a data URL, '' for none */; logo: string; lastUsed: boolean }[];
  /** The form that asks for an e-mail address: where it goes to, the page to come back to, what came before. */
  email?: { action: string; path: string; address: string; problem: Note | undefined };
}

export function renderChooser({ providers, email }: Chooser, frame: Frame): string {
  const say = (english: string) => escapeHtml(frame.say(english));
  const list = providers.map(
    ({ label, href, logo, lastUsed }) =>
      `<li><a href="${escapeHtml(href)}">${logo && `<img src="${escapeHtml(logo)}" alt="">`}<span>${say(label)}` +
      `${lastUsed ? ` ${say('(last used)')}` : ''}</span></a></li>`,
  );
  return renderDocument(
    frame,
    frame.say('Sign in'),
    (providers.length > 0 ? `<p>${say('With which of these?')}</p><ul>${list.join('')}</ul>` : '') +
      (email ? form(email, providers.length > 0, frame) : ''),
  );
}

/** What was wrong is read out with the field, where assistive technology looks for it. */
function form(
  { action, path, address, problem }: NonNullable<Chooser['email']>,
  isAlternative: boolean,
  { say }: Frame,
): string {
  const described = problem ? ' aria-invalid="true" aria-describedby="problem"' : '';
  const label = say(isAlternative ? 'Or by your e-mail address at work' : 'Your e-mail address at work');
  return (
    `<form method="post" action="${escapeHtml(action)}"><label for="email">${escapeHtml(label)}</label>` +
    `<input id="email" name="email" type="email" autocomplete="email" required value="${escapeHtml(address)}"${described}>` +
    (problem ? `<p id="problem" role="alert">${escapeHtml(say(problem.text, problem.values))}</p>` : '') +
    `<input type="hidden" name="return" value="${escapeHtml(path)}"><button>${escapeHtml(say('Continue'))}</button></form>`
  );
}
