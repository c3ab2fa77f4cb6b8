// location = /back_channel_logout: the provider signs somebody out, by a call of its own.

import { sendJson, sendText } from '../browser/respond';
import { logError } from '../nginx/log';
import { referenceOf } from '../nginx/reference';
import { asOidcError, oidcError } from '../protocol/errors';
import type { Jws } from '../protocol/jws';
import { logoutTokenIn, type VerifiedLogoutToken } from '../protocol/logout-token';
import { providerMetadata } from '../provider/metadata';
import { verifyLogoutToken } from '../provider/verify-logout-token';
import { forgetReplay, isFirst } from '../session/replays';
import { createSiteContext, type SiteContext } from '../visit/context';

/**
 * Back-Channel Logout 1.0: ends the sessions of the `sid` that a logout token names, or, where it names a person alone,
 * all of that person's. 200 whether there were any or not; 400 for every failure, as section 2.8 asks.
 */
export async function handleBackChannelLogout(r: NginxHTTPRequest): Promise<void> {
  if (r.method !== 'POST') {
    r.headersOut.Allow = 'POST';
    return sendText(r, 405, 'Method not allowed');
  }
  try {
    await endNamed(r, logoutTokenIn(r.variables.content_type || '', r.requestText || ''));
    sendText(r, 200, '');
  } catch (error) {
    refuse(r, error);
  }
}

async function endNamed(r: NginxHTTPRequest, jws: Jws): Promise<void> {
  const context = createSiteContext(r);
  const { store, realm, config, now } = context;
  const token = await verifyLogoutToken(context, await providerMetadata(context), jws);
  if (!isFirst(store, token.jti, realm, token.until + config.clock_skew - now)) {
    throw oidcError('logout_invalid', 'back-channel logout: this logout token was used before');
  }
  try {
    end(context, token);
  } catch (error) {
    forgetReplay(store, token.jti, realm);
    throw error;
  }
}

function end({ sessionIndex }: SiteContext, { iss, sid, sub }: VerifiedLogoutToken): void {
  if (sid !== undefined) {
    sessionIndex.endSid(iss, sid);
  } else if (sub !== undefined) {
    sessionIndex.endSub(iss, sub);
  }
}

/** The cause is for this site's log; the provider's has the reference to it. */
function refuse(r: NginxHTTPRequest, thrown: unknown): void {
  const error = asOidcError(thrown);
  logError(r, error);
  sendJson(r, 400, {
    error: error.code === 'logout_invalid' ? 'invalid_request' : 'server_error',
    error_description: `the log of this site says why, under the reference ${referenceOf(r)}`,
  });
}
