import { escapeHtml } from '../protocol/text';
import { renderDocument } from './page';

/** What the page that lets a person choose a provider says. All of it is text and is escaped here. */
export interface Chooser {
  /** In the order in which they are offered. */
  providers: { label: string; href: string /** a data URL, '' for none */; logo: string; lastUsed: boolean }[];
  /** The form that asks for an e-mail address: where it goes to, the page to come back to, what came before. */
  email?: { action: string; path: string; address: string; problem: string };
}

const style =
  'main{min-width:16rem}ul{list-style:none;margin:0;padding:0}li a{display:flex;align-items:center;gap:.75rem;margin:.75rem 0 0}' +
  'li img{width:1.5rem;height:1.5rem;object-fit:contain;background:#fff;border-radius:4px;padding:2px}' +
  'form,form button{display:block;margin:1rem 0 0}label{display:block}' +
  'input{font:inherit;box-sizing:border-box;width:100%;padding:.5rem;margin:.25rem 0 0}' +
  'a:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid CanvasText;outline-offset:2px}';

export function renderChooser({ providers, email }: Chooser): string {
  const list = providers.map(
    ({ label, href, logo, lastUsed }) =>
      `<li><a href="${escapeHtml(href)}">${logo && `<img src="${escapeHtml(logo)}" alt="">`}<span>${escapeHtml(label)}` +
      `${lastUsed ? ' (last used)' : ''}</span></a></li>`,
  );
  return renderDocument(
    'Sign in',
    `<h1>Sign in</h1>${providers.length > 0 ? `<p>With which of these?</p><ul>${list.join('')}</ul>` : ''}` +
      (email ? form(email, providers.length > 0) : ''),
    style,
  );
}

/** What was wrong is read out with the field, where assistive technology looks for it. */
function form({ action, path, address, problem }: NonNullable<Chooser['email']>, isAlternative: boolean): string {
  const described = problem === '' ? '' : ' aria-invalid="true" aria-describedby="problem"';
  return (
    `<form method="post" action="${escapeHtml(action)}">` +
    `<label for="email">${isAlternative ? 'Or by your e-mail address at work' : 'Your e-mail address at work'}</label>` +
    `<input id="email" name="email" type="email" autocomplete="email" required value="${escapeHtml(address)}"${described}>` +
    (problem === '' ? '' : `<p id="problem" role="alert">${escapeHtml(problem)}</p>`) +
    `<input type="hidden" name="return" value="${escapeHtml(path)}"><button>Continue</button></form>`
  );
}
