import { isFromOwnPages } from '../browser/navigation';
import type { Page } from '../browser/page';
import { note, type PageText } from '../browser/page-texts';
import { sendPage, textOf } from '../browser/respond';
import { sendScriptPage } from '../browser/script-page';
import { logError } from '../nginx/log';
import { referenceOf } from '../nginx/reference';
import { requestBody } from '../nginx/request-body';
import { errorTable, type OidcError, oidcError } from '../protocol/errors';
import { sameOrigin } from '../protocol/origin';
import { randomToken } from '../protocol/random';
import { safeReturnPath } from '../protocol/return-path';
import { printable } from '../protocol/text';
import { sealForm } from '../session/kept-form';
import type { Visit } from '../visit/visit';

/**
 * A form that was sent without a session: the browser keeps it, sealed, and goes on to the sign-in; afterwards
 * /_oidc_return asks whether to send it. What cannot be kept is answered by a page that says so.
 * @param login where the sign-in begins
 */
export async function keepForm(visit: Visit, login: string): Promise<void> {
  const { r, config, baseUrl } = visit;
  const path = r.variables.request_uri || '';
  const problem = problemOf(visit, path);
  const body = problem ? undefined : requestBody(r, config.keep_post);
  if (!body) {
    return sendLost(visit, problem || tooLong(visit));
  }
  const posted = Date.now();
  const wasSignedIn = visit.sessionSecrets.length > 0;
  const form = {
    id: randomToken(16),
    posted,
    wasSignedIn,
    path,
    type: r.variables.content_type || '',
    body: body.toString('base64'),
  };
  const noScript = note('Keeping it for you takes JavaScript, which does not run in this browser.');
  sendScriptPage(r, errorTable.form_not_kept.status, {
    page: {
      ...textOf({ code: 'form_not_kept', note: noScript }),
      actions: [signIn(visit)],
    },
    data: {
      step: 'form',
      login,
      path,
      posted: String(posted),
      until: String(posted + config.login_timeout * 1000),
      known: wasSignedIn ? '1' : '',
    },
    sealed: await sealForm(form, baseUrl, config.hmac_key),
  });
}

/** Why a form is not kept, as far as that is known before its body is looked at. */
function problemOf({ r, config, baseUrl }: Visit, path: string): OidcError | undefined {
  const type = r.variables.content_type || '';
  if (config.keep_post === 0) {
    return notKept('$oidc_keep_post is off', 'Forms are not kept on this site.');
  }
  if (!isFromOwnPages(r, baseUrl)) {
    return notKept(`no page of ${baseUrl} sent it`, 'It came from another site.');
  }
  if (!/^(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(?:;|$)/i.test(type)) {
    return notKept(`its type is "${printable(type, 100)}"`, 'It is of a kind that cannot be kept.');
  }
  return safeReturnPath(path) === path
    ? undefined
    : notKept('its address is too long, or no path', 'Its address cannot be kept.');
}

function tooLong({ config }: Visit): OidcError {
  const most = config.keep_post;
  return notKept(
    `it is longer than $oidc_keep_post (${most} bytes)`,
    'It is larger than {bytes} bytes, with its files.',
    { bytes: String(most) },
  );
}

const notKept = (detail: string, text: PageText, values?: Record<string, string>) =>
  oidcError('form_not_kept', `a form was sent without a session: ${detail}`, { note: note(text, values) });

function sendLost(visit: Visit, error: OidcError): void {
  logError(visit.r, error);
  sendPage(visit.r, errorTable[error.code].status, {
    ...textOf(error),
    actions: [signIn(visit)],
    reference: referenceOf(visit.r),
  });
}

/** To the page that had the form, where the browser tells it. */
function signIn({ r, baseUrl }: Visit): Page['actions'][number] {
  const [, origin = '', path = '/'] = /^(https?:\/\/[^/?#]*)(.*)$/.exec(r.variables.http_referer || '') || [];
  return { label: 'Sign in', href: sameOrigin(origin, baseUrl) ? safeReturnPath(path) : '/' };
}
