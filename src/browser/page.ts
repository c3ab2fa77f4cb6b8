import { escapeHtml } from '../protocol/text';

/** What a generated page says. All of it is text and is escaped here. */
export interface Page {
  title: string;
  text: string;
  /** Small print: what the provider said, where to look. */
  note?: string;
  /** Links, or buttons that POST. */
  actions: { label: string; href: string; post?: boolean }[];
  /** For the operator, where `$oidc_debug` asks for it. */
  cause?: string;
  /** The number that the log line has, too. */
  reference?: string;
}

const style =
  ':root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;' +
  'font:16px/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}' +
  'main{max-width:30rem;padding:2rem;margin:1rem;border:1px solid #8884;border-radius:12px}' +
  'h1{font-size:1.4rem;margin:0 0 .5rem}p{margin:.5rem 0}form,a{display:inline-block;margin:1rem .5rem 0 0}' +
  'a,button{font:inherit;padding:.5rem 1rem;border:0;border-radius:8px;background:#0a6ed1;color:#fff;' +
  'text-decoration:none;cursor:pointer}small{display:block;margin-top:1.5rem;opacity:.75;overflow-wrap:anywhere}';

/** @param more at the end of the page's content, already HTML */
export function renderPage(page: Page, more = ''): string {
  const action = (a: Page['actions'][number]) =>
    a.post
      ? `<form method="post" action="${escapeHtml(a.href)}"><button>${escapeHtml(a.label)}</button></form>`
      : `<a href="${escapeHtml(a.href)}">${escapeHtml(a.label)}</a>`;
  return renderDocument(
    page.title,
    `<h1>${escapeHtml(page.title)}</h1><p>${escapeHtml(page.text)}</p>` +
      (page.note ? `<p>${escapeHtml(page.note)}</p>` : '') +
      page.actions.map(action).join('') +
      (page.cause ? `<small>Cause: ${escapeHtml(page.cause)}</small>` : '') +
      (page.reference ? `<small>Reference: ${escapeHtml(page.reference)}</small>` : '') +
      more,
  );
}

/**
 * What is around every page.
 * @param body HTML
 * @param moreStyle CSS
 */
export function renderDocument(title: string, body: string, moreStyle = ''): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">' +
    `<title>${escapeHtml(title)}</title><style>${style}${moreStyle}</style></head><body><main>${body}</main></body></html>\n`
  );
}

/**
 * Headers of every generated page: never stored, never framed, nothing of it leaks. Chromium holds the redirects that
 * follow a form to `form-action`, too, and forms here lead to the provider, which may lead on to others.
 * @param allowHttp the provider may be without TLS
 */
export function pageHeaders(allowHttp: boolean): Record<string, string> {
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy':
      `default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self' https:${allowHttp ? ' http:' : ''}; ` +
      "frame-ancestors 'none'; base-uri 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  };
}
