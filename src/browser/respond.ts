import { causeToShow } from '../nginx/debug';
import { logError } from '../nginx/log';
import { referenceOf } from '../nginx/reference';
import { asOidcError, errorTable, type OidcError, oidcError, operatorText } from '../protocol/errors';
import { printable } from '../protocol/text';
import { type Frame, frameOf } from './frame';
import { type Page, pageHeaders, renderPage } from './page';

/** Answers with a page that nothing may store, in the person's language. */
export function sendPage(r: NginxHTTPRequest, status: number, page: Page): void {
  sendDocument(r, status, (frame) => renderPage(page, frame));
}

/** The same for HTML that `render` makes. */
export function sendDocument(
  r: NginxHTTPRequest,
  status: number,
  render: (frame: Frame) => string,
  frame = frameOf(r),
): void {
  const html = render(frame);
  const headers = pageHeaders(frame, /^(?:1|on)$/.test(r.variables.oidc_insecure_http_provider || ''));
  for (const name of Object.keys(headers)) {
    r.headersOut[name] = headers[name];
  }
  r.return(status, html);
}

/** Answers a script with a small JSON body. */
export function sendJson(r: NginxHTTPRequest, status: number, body: Record<string, string | number>): void {
  r.headersOut['Content-Type'] = 'application/json';
  r.headersOut['Cache-Control'] = 'no-store';
  r.return(status, `${JSON.stringify(body)}\n`);
}

/** Answers a frame or a program that shows nothing to anybody. */
export function sendText(r: NginxHTTPRequest, status: number, text: string): void {
  r.headersOut['Content-Type'] = 'text/plain';
  r.headersOut['Cache-Control'] = 'no-store';
  r.return(status, text);
}

/**
 * Sends the browser on.
 * @param target a path of this site, or a URL that protocol code built
 * @throws internal when it holds what could end a header line
 */
export function redirect(r: NginxHTTPRequest, target: string): void {
  if (!/^(?:\/|https?:\/\/)[\x21-\x7e]*$/.test(target)) {
    throw oidcError('internal', `refused to redirect to "${printable(target, 200)}"`);
  }
  r.headersOut['Cache-Control'] = 'no-store';
  r.return(302, target);
}

/** Logs an error once, and shows the person what happened and where to go from here. */
export function sendErrorPage(r: NginxHTTPRequest, error: unknown, retry: string): void {
  const known = asOidcError(error);
  logError(r, known);
  sendPage(r, errorTable[known.code].status, errorPage(r, known, referenceOf(r), retry));
}

/** A link to the page that lets people choose, where a site has several providers. */
export function anotherWay(r: NginxHTTPRequest, path: string): Page['actions'] {
  return r.variables.oidc_providers
    ? [{ label: 'Sign in another way', href: `/_oidc_login?return=${encodeURIComponent(path)}` }]
    : [];
}

function actionsAfter({ code }: OidcError, retry: string): Page['actions'] {
  const again = { label: 'Try again', href: retry } as const;
  return code === 'not_allowed' ? [{ label: 'Sign in as somebody else', href: '/logout' }, again] : [again];
}

/** The page of an error, with a link to `retry`. */
export function errorPage(r: NginxHTTPRequest, error: OidcError, reference: string, retry: string): Page {
  const cause = causeToShow(r, error);
  return {
    ...textOf(error),
    actions: actionsAfter(error, retry).concat(anotherWay(r, retry)),
    ...(cause === undefined ? {} : { cause }),
    reference,
  };
}

/** What the page of an error says. */
export function textOf({ code, note: more }: Pick<OidcError, 'code' | 'note'>): Pick<Page, 'title' | 'text'> {
  const meaning = errorTable[code];
  return { title: meaning.title, text: [meaning.text, more, 'operator' in meaning ? operatorText : undefined] };
}
