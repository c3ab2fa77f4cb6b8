// location = /_oidc_sessions: for the operator, who looks after this site's sessions. The location admits 127.0.0.1 only.

import { refuseStrangers } from '../browser/operator';
import { sendJson } from '../browser/respond';
import { issuersOf } from '../config/issuer';
import { logError } from '../nginx/log';
import { asOidcError, errorTable } from '../protocol/errors';
import { parseSessionsToEnd, type SessionsToEnd } from '../protocol/sessions-to-end';
import { noteSignOut } from '../steps/note-event';
import { createSiteContext, type SiteContext } from '../visit/context';
import { useProviderOfAddress } from '../visit/providers';

/**
 * GET tells how many sessions there are, of how many people; POST ends those of a `sub`, of a `sid`, or all that began
 * before a time, and tells how many that were. It shows no claim, token or id. A browser is refused, so that no page
 * that somebody on this machine has open can ask.
 */
export async function oidcSessions(r: NginxHTTPRequest): Promise<void> {
  if (refuseStrangers(r, ['GET', 'POST'])) {
    return;
  }
  const isGet = r.method === 'GET';
  try {
    useProviderOfAddress(r);
    const context = createSiteContext(r);
    sendJson(r, 200, isGet ? await context.allSessions.count() : { ended: await end(context, r.requestText || '') });
  } catch (error) {
    const known = asOidcError(error);
    logError(r, known);
    sendJson(r, errorTable[known.code].status, { error: known.code, error_description: known.detail });
  }
}

async function end(context: SiteContext, form: string): Promise<number> {
  const which = parseSessionsToEnd(form);
  const ended = await endAll(context, which);
  const isPerson = 'sub' in which && context.config.tenants.length === 0;
  noteSignOut(
    context.r,
    'administrative',
    ended,
    isPerson ? { iss: issuersOf(context.config)[0], sub: which.sub } : {},
  );
  return ended.length;
}

async function endAll({ sessionIndex, allSessions, config }: SiteContext, which: SessionsToEnd): Promise<string[]> {
  if ('begunBefore' in which) {
    return allSessions.endBegunBefore(which.begunBefore);
  }
  const ended = await Promise.all(
    issuersOf(config).map((issuer) =>
      'sub' in which ? sessionIndex.endSub(issuer, which.sub) : sessionIndex.endSid(issuer, which.sid),
    ),
  );
  return ended.reduce((all, some) => all.concat(some), []);
}
