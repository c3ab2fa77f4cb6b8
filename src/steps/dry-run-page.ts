import { frameOf } from '../browser/frame';
import { renderDocument } from '../browser/page';
import { sendDocument } from '../browser/respond';
import { logError } from '../nginx/log';
import { referenceOf } from '../nginx/reference';
import { asOidcError } from '../protocol/errors';
import { escapeHtml, printable } from '../protocol/text';
import type { DryRunReport, DryRunStep } from '../session/dry-run-report';

export const dryRunPath = '/_oidc_dry_run';

const style =
  '.card{max-width:56rem}h2{font-size:1.05rem;margin:1.6rem 0 .3rem}table{border-collapse:collapse;width:100%}' +
  'th,td{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;overflow-wrap:anywhere;border-top:1px solid #8884}' +
  'th{font-weight:400;opacity:.8;width:14rem}td{font-family:ui-monospace,monospace;font-size:.9rem}' +
  'label{display:block;margin-top:1rem}input,select{font:inherit;padding:.4rem;width:100%;box-sizing:border-box}' +
  '.failed{border-left:4px solid #c33;padding-left:1rem}';

/** At the callback, which anybody may see: a button that carries the sealed report to the operator's page. */
export function sendHandOver(r: NginxHTTPRequest, sealed: string): void {
  const body =
    '<p>No session was made. What happened is sealed; the page that opens it admits the ' +
    `operator alone.</p><form method="post" action="${dryRunPath}"><input type="hidden" name="report" ` +
    `value="${escapeHtml(sealed)}"><button autofocus>Show each step</button></form>`;
  send(r, 200, 'The dry run is over', body);
}

/**
 * Where it begins.
 * @param providers to choose from, where the site has several
 * @param note why it did not begin
 */
export function sendBeginning(r: NginxHTTPRequest, status: number, providers: string[], note = ''): void {
  const options = providers.map((name) => `<option>${escapeHtml(name)}</option>`).join('');
  const body =
    '<p>You sign in as always, see each step with what the provider sent, and get no ' +
    'session. Tokens and secrets are not shown.</p>' +
    (note ? `<p><strong>${escapeHtml(note)}</strong></p>` : '') +
    `<form method="get" action="${dryRunPath}"><label>A page of the site, for the rules of its location` +
    '<input name="path" value="/" required></label>' +
    (options ? `<label>Provider<select name="provider">${options}</select></label>` : '') +
    '<p><button>Sign in</button></p></form>';
  send(r, status, 'Dry run of a sign-in', body);
}

export function sendReport(r: NginxHTTPRequest, { steps, failure }: DryRunReport): void {
  const end = failure
    ? section({
        title: `Failed here: ${failure.code}`,
        facts: [
          ['cause', failure.detail],
          ['reference in error.log', failure.reference],
          ['what to do', `docs/troubleshooting.md, at ${failure.code}`],
        ],
      }).replace('<section>', '<section class="failed">')
    : '';
  const body =
    `${steps.map(section).join('')}${end}` + `<div class="actions"><a href="${dryRunPath}">Once more</a></div>`;
  send(r, 200, `Dry run: ${failure ? 'it failed' : 'the sign-in works'}`, body);
}

/** In English, as error.log and the documentation are, which go with it. */
function send(r: NginxHTTPRequest, status: number, title: string, body: string): void {
  const frame = { ...frameOf(r), language: 'en' };
  sendDocument(r, status, () => renderDocument(frame, title, body, style), frame);
}

/** A sign-in that cannot even begin: said at once, because the request came from an address that is allowed. */
export function sendFailedBeginning(r: NginxHTTPRequest, error: unknown): void {
  logError(r, asOidcError(error));
  sendReport(r, { made: 0, steps: [], failure: failureOf(r, error) });
}

/** As error.log has it, where no detail ever holds a token, code or secret. */
export function failureOf(r: NginxHTTPRequest, error: unknown): NonNullable<DryRunReport['failure']> {
  const { code, detail } = asOidcError(error);
  return { code, detail: printable(detail, 1000), reference: referenceOf(r) };
}

function section({ title, facts }: DryRunStep): string {
  const rows = facts.map(
    ([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<section><h2>${escapeHtml(title)}</h2><table>${rows.join('')}</table></section>`;
}
