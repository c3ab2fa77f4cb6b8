// location = /_oidc_return: back from a sign-in that interrupted something: a form to send, a page with a fragment, a
// script that waits in another window.

import { isFromOwnPages } from '../browser/navigation';
import { sendErrorPage, sendJson } from '../browser/respond';
import { sendScript, sendScriptPage } from '../browser/script-page';
import { logError } from '../nginx/log';
import { requestBody } from '../nginx/request-body';
import { asOidcError, errorTable, oidcError } from '../protocol/errors';
import { openForm, spentForm } from '../session/kept-form';
import type { Session } from '../session/sessions';
import { personSince } from '../steps/note-person';
import type { Context } from '../visit/context';
import { everyContext, loginAddress } from '../visit/providers';

/** GET: the page, or its script. POST: a kept form, whose content the answer has, once, for who may send it. */
export async function oidcReturn(r: NginxHTTPRequest): Promise<void> {
  if (r.method === 'GET' && r.variables.args === 'script') {
    return sendScript(r);
  }
  if (r.method === 'POST') {
    return openKept(r);
  }
  try {
    const login = loginAddress(r);
    const { session, context } = await signedIn(r);
    const person = await personSince(context);
    sendScriptPage(r, 200, {
      page: {
        title: 'This takes JavaScript',
        text: ['What you were about to do was kept by a script, and scripts do not run in this browser.'],
        actions: [{ label: 'Go to the site', href: '/' }],
      },
      data: {
        step: 'return',
        login,
        signed: session ? '1' : '',
        who: session ? nameOf(session) : '',
        since: person ? String(person.since) : '',
      },
    });
  } catch (error) {
    sendErrorPage(r, error, '/');
  }
}

/** The content of a form, or JSON that says why there is none. */
async function openKept(r: NginxHTTPRequest): Promise<void> {
  try {
    const login = loginAddress(r);
    const { session, context } = await signedIn(r);
    const { config, baseUrl } = context;
    if (!isFromOwnPages(r, baseUrl)) {
      return refuse(r, 'other_site', `no page of ${baseUrl} asked for it`);
    }
    if (!session) {
      return sendJson(r, 401, { error: 'login_required', sign_in: login });
    }
    const now = Date.now();
    const sealed = requestBody(r, mostSealed);
    const form = sealed && (await openForm(sealed.toString(), baseUrl, config.hmac_key, config.login_timeout, now));
    if (!form) {
      return refuse(
        r,
        'expired',
        `it is older than $oidc_login_timeout (${config.login_timeout} s), or was not kept here`,
      );
    }
    const person = await personSince(context);
    if (form.wasSignedIn && !(person && person.since < form.posted)) {
      return refuse(r, 'other_person', 'somebody else signed in after it was filled in, or cookies were deleted');
    }
    const { id, path, type, body, posted } = form;
    if (!(await context.once(spentForm(id, baseUrl), config.login_timeout - (now - posted) / 1000))) {
      return refuse(r, 'sent', 'it was sent before');
    }
    sendJson(r, 200, { path, type, body });
  } catch (thrown) {
    const error = asOidcError(thrown);
    logError(r, error);
    sendJson(r, errorTable[error.code].status, { error: error.code });
  }
}

/** Twice base64 of the largest `$oidc_keep_post`, and what stands before it. */
const mostSealed = 4_000_000;

function refuse(r: NginxHTTPRequest, reason: string, detail: string): void {
  const error = oidcError('form_not_sent', `a form that was kept: ${detail}`);
  logError(r, error);
  sendJson(r, errorTable[error.code].status, { error: error.code, reason });
}

/** The session of the browser, at whichever provider. */
async function signedIn(r: NginxHTTPRequest): Promise<{ session: Session | undefined; context: Context }> {
  const all = everyContext(r);
  for (const context of all) {
    const secret = context.sessionSecret;
    const session = secret === undefined ? undefined : await context.sessions.find(secret, context.now);
    if (session) {
      return { session, context };
    }
  }
  return { session: undefined, context: all[0] };
}

/** How the page addresses the person: what the locations know of them. */
function nameOf({ record }: Session): string {
  const { oidc_claim_name: name, oidc_claim_email: email, jwt_claim_sub: sub } = record.variables;
  return name || email || sub || '';
}
