// location ^~ /back_channel_logout: the provider signs somebody out, by a call of its own.

import { logError } from '../nginx/log';
import { referenceOf } from '../nginx/reference';
import type { OidcError } from '../protocol/errors';
import type { Jws } from '../protocol/jws';
import { providerMetadata } from '../provider/metadata';
import { openedLogoutToken, verifyLogoutToken } from '../provider/verify-logout-token';
import { answerLogoutToken, endByLogoutToken } from '../steps/answer-logout-token';
import { noteRefusedSignOut, noteSignOut } from '../steps/note-event';
import { createSiteContext } from '../visit/context';
import { useProviderOfAddress } from '../visit/providers';

/**
 * Back-Channel Logout 1.0: ends the sessions of the `sid` that a logout token names, or, where it names a person alone,
 * all of that person's.
 */
export function handleBackChannelLogout(r: NginxHTTPRequest): Promise<void> {
  const end = async (sent: Jws | string) => {
    useProviderOfAddress(r);
    const context = createSiteContext(r);
    const jws = await openedLogoutToken(context.config, sent);
    const token = await verifyLogoutToken(context, await providerMetadata(context), jws);
    const ended = await endByLogoutToken({ ...context, clockSkew: context.config.clock_skew }, token);
    noteSignOut(r, 'back_channel', ended, token);
  };
  const refuse = (_: NginxHTTPRequest, error: OidcError) => {
    logError(r, error);
    noteRefusedSignOut(r, 'back_channel', error);
  };
  return answerLogoutToken(r, end, refuse, referenceOf);
}
