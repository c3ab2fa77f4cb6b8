import { escapeHtml } from '../protocol/text';
import { frameOf } from './frame';
import { type Page, pageHeaders, renderPage } from './page';
import { returnScript } from './return-script';

/** A page that a script of ours takes over. What `page` says is for browsers where it does not run. */
export interface ScriptPage {
  readonly page: Page;
  /** Attributes for the script: data-*. */
  readonly data: Record<string, string>;
  /** Base64url: what the script keeps. */
  readonly sealed?: string;
  /** Where to go without scripts. */
  readonly otherwise?: string;
}

/**
 * Answers with a page and the script. Nothing of a form is ever HTML or script: it is base64url in an attribute. The
 * script is a file of this site under a nonce, so that it runs under a Content-Security-Policy of the server's, too.
 */
export function sendScriptPage(
  r: NginxHTTPRequest,
  status: number,
  { page, data, sealed, otherwise }: ScriptPage,
): void {
  const frame = frameOf(r);
  const { nonce, script, look } = frame;
  const all: Record<string, string> = {
    ...data,
    ...(script ? { texts: JSON.stringify(script) } : {}),
    ...(look.page_name ? { site: frame.say(look.page_name) } : {}),
  };
  const attributes = Object.keys(all).map((name) => ` data-${name}="${escapeHtml(all[name] as string)}"`);
  const headers = pageHeaders(frame, true); // what answers the form may lead anywhere
  for (const name of Object.keys(headers)) {
    r.headersOut[name] = headers[name];
  }
  r.headersOut['Content-Security-Policy'] =
    `${headers['Content-Security-Policy']}; script-src 'nonce-${nonce}'; connect-src 'self'`;
  r.headersOut['Referrer-Policy'] = 'strict-origin'; // applications look at the Origin, which no-referrer makes "null"
  r.return(
    status,
    renderPage(
      page,
      frame,
      (otherwise ? `<noscript><meta http-equiv="refresh" content="0;url=${escapeHtml(otherwise)}"></noscript>` : '') +
        (sealed ? `<data id="sealed" value="${sealed}"></data>` : '') +
        `<script src="/_oidc_return?script" nonce="${nonce}"${attributes.join('')}></script>`,
    ),
  );
}

/** Answers with the script itself. */
export function sendScript(r: NginxHTTPRequest): void {
  r.headersOut['Content-Type'] = 'text/javascript; charset=utf-8';
  r.headersOut['Cache-Control'] = 'no-cache';
  r.headersOut['X-Content-Type-Options'] = 'nosniff';
  r.return(200, returnScript);
}
