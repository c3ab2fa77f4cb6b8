import type { Note } from '../protocol/errors';
import { escapeHtml } from '../protocol/text';
import type { Frame } from './frame';
import type { PageText } from './page-texts';
import { styleOf } from './style';

/** What a generated page says, in English: it is translated and escaped here. */
export interface Page {
  title: PageText;
  /** Paragraphs. What the provider said, or where to look, comes after what happened. */
  text: (PageText | Note | undefined)[];
  /** Links, or buttons that POST. The first is what most people will want. */
  actions: { label: PageText; href: string; post?: boolean }[];
  /** For the operator, where `$oidc_debug` asks for it. */
  cause?: string;
  /** The number that the log line has, too. */
  reference?: string;
}

/** @param more at the end of the page's content, already HTML */
export function renderPage(page: Page, frame: Frame, more = ''): string {
  const say = (text: PageText, values?: Record<string, string>) => escapeHtml(frame.say(text, values));
  const paragraph = (text: Page['text'][number]) =>
    text === undefined
      ? ''
      : `<p>${escapeHtml(typeof text === 'string' ? frame.say(text) : frame.say(text.text, text.values))}</p>`;
  const action = ({ label, href, post }: Page['actions'][number]) =>
    post
      ? `<form method="post" action="${escapeHtml(href)}"><button>${say(label)}</button></form>`
      : `<a href="${escapeHtml(href)}">${say(label)}</a>`;
  const { cause, reference } = page;
  return renderDocument(
    frame,
    frame.say(page.title),
    page.text.map(paragraph).join('') +
      (page.actions.length > 0 ? `<div class="actions">${page.actions.map(action).join('')}</div>` : '') +
      (cause ? `<small>${say('Cause: {cause}', { cause })}</small>` : '') +
      (reference ? `<small>${say('Reference: {reference}', { reference })}</small>` : '') +
      more,
  );
}

/** Written from right to left, where an operator adds one. */
const rightToLeft = /^(?:ar|fa|he|ur)(?:-|$)/;

/**
 * What is around every page.
 * @param title as the person reads it
 * @param body HTML, below the title
 * @param ownStyle CSS of this page alone
 */
export function renderDocument(
  { language, say, look, nonce }: Frame,
  title: string,
  body: string,
  ownStyle = '',
): string {
  const name = say(look.page_name);
  const { page_logo: logo, page_style: style, page_color: color, page_contact: contact } = look;
  const direction = rightToLeft.test(language) ? ' dir="rtl"' : '';
  const brand = logo ? `<img src="${escapeHtml(logo)}" alt="${escapeHtml(name)}">` : escapeHtml(name);
  const who = escapeHtml(say(contact.text));
  const reached = contact.href ? `<a href="${escapeHtml(contact.href)}">${who}</a>` : who;
  return (
    `<!doctype html><html lang="${escapeHtml(language)}"${direction}><head><meta charset="utf-8">` +
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">' +
    `<title>${escapeHtml(name ? `${title} – ${name}` : title)}</title><style nonce="${nonce}">${styleOf(color)}${ownStyle}</style>` +
    (style ? `<link rel="stylesheet" href="${escapeHtml(style)}">` : '') +
    `</head><body><div class="card">${brand ? `<header>${brand}</header>` : ''}` +
    `<main><h1>${escapeHtml(title)}</h1>${body}</main>` +
    `${who ? `<footer>${escapeHtml(say('Need help?'))} ${reached}</footer>` : ''}</div></body></html>\n`
  );
}

/**
 * Headers of every generated page: never stored, never framed, nothing of it leaks. Chromium holds the redirects that
 * follow a form to `form-action`, too, and forms here lead to the provider, which may lead on to others.
 * @param allowHttp the provider may be without TLS
 */
export function pageHeaders({ language, look, nonce }: Frame, allowHttp: boolean): Record<string, string> {
  const own = (path: string) => (path.startsWith('/') ? " 'self'" : '');
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Language': language,
    Vary: 'Accept-Language',
    'Cache-Control': 'no-store',
    'Content-Security-Policy':
      `default-src 'none'; style-src 'nonce-${nonce}'${own(look.page_style)}; img-src data:${own(look.page_logo)}; ` +
      `form-action 'self' https:${allowHttp ? ' http:' : ''}; frame-ancestors 'none'; base-uri 'none'`,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  };
}
