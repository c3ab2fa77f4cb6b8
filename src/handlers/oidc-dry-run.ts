// location = /_oidc_dry_run: the operator signs in and sees each step. The location admits 127.0.0.1 only.

import { isCrossSite } from '../browser/navigation';
import { sendErrorPage } from '../browser/respond';
import { parseParameters } from '../protocol/parameters';
import { safeReturnPath } from '../protocol/return-path';
import { openReport } from '../session/dry-run-report';
import { sendBeginning, sendReport } from '../steps/dry-run-page';
import type { Context } from '../visit/context';
import { everyContext, providerNames, useProviderOfAddress } from '../visit/providers';

/**
 * GET: a form, or with `?path=` the sign-in that a person without a session meets at that path, by the same code, marked as a
 * dry run in its sealed login. POST: the report that the callback made.
 */
export async function oidcDryRun(r: NginxHTTPRequest): Promise<void> {
  try {
    const contexts = everyContext(r);
    const names = providerNames(r);
    if (isCrossSite(r, contexts[0].baseUrl)) {
      return sendBeginning(r, 403, names, 'Another site led here. Begin on this page.');
    }
    if (r.method === 'POST') {
      return await show(r, contexts);
    }
    const path = parseParameters(r.variables.args || '')?.path;
    if (r.method !== 'GET' || path === undefined) {
      return sendBeginning(r, 200, names);
    }
    if (await isSignedIn(contexts)) {
      return sendBeginning(r, 409, names, 'You are signed in here: sign out first, or open this in a private window.');
    }
    if (names.length > 0) {
      useProviderOfAddress(r); // of ?provider=
    }
    begin(r, safeReturnPath(path));
  } catch (error) {
    sendErrorPage(r, error, r.uri);
  }
}

/** The request goes on as one for that path: its location's gate, settings and demands. */
function begin(r: NginxHTTPRequest, path: string): void {
  r.variables.oidc_dry_run = '1';
  r.internalRedirect(path);
}

async function show(r: NginxHTTPRequest, contexts: Context[]): Promise<void> {
  const sealed = parseParameters(r.requestText || '')?.report || '';
  for (const { baseUrl, config, now } of contexts) {
    const report = await openReport(sealed, baseUrl, config.hmac_key, now);
    if (report) {
      return sendReport(r, report);
    }
  }
  sendBeginning(r, 400, providerNames(r), 'That report cannot be opened here, or is older than five minutes.');
}

async function isSignedIn(contexts: Context[]): Promise<boolean> {
  for (const { sessionSecret, sessions, now } of contexts) {
    if (sessionSecret !== undefined && (await sessions.find(sessionSecret, now))) {
      return true;
    }
  }
  return false;
}
