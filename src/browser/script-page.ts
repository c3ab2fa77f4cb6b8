import { randomToken } from '../protocol/random';
import { escapeHtml } from '../protocol/text';
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
  const nonce = randomToken(16);
  const names = Object.keys(data);
  const attributes = names.map((name) => ` data-${name}="${escapeHtml(data[name] as string)}"`).join('');
  const headers = pageHeaders(true); // what answers the form may lead anywhere
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
      (otherwise ? `<noscript><meta http-equiv="refresh" content="0;url=${escapeHtml(otherwise)}"></noscript>` : '') +
        (sealed ? `<data id="sealed" value="${sealed}"></data>` : '') +
        `<script src="/_oidc_return?script" nonce="${nonce}"${attributes}></script>`,
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
