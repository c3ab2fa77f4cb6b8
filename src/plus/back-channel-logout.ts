// location = /back_channel_logout: the provider signs somebody out, by a call of its own.

import { oidcError } from '../protocol/errors';
import type { Jws } from '../protocol/jws';
import { openedLogoutToken } from '../provider/verify-logout-token';
import { replaysIn } from '../session/replays';
import { answerLogoutToken, endByLogoutToken } from '../steps/answer-logout-token';
import { logError, referenceOf } from './log';
import { createPlusVisit } from './plus-visit';
import { verifyLogoutToken } from './provider';
import { plusSessionIndex, sidStore } from './session-index';

/** Back-Channel Logout 1.0, as on open-source NGINX; on the other nodes as soon as zone_sync has told them. */
export function handleBackChannelLogout(r: NginxHTTPRequest): Promise<void> {
  const end = async (sent: Jws | string) => {
    const visit = createPlusVisit(r);
    const token = await verifyLogoutToken(visit, await openedLogoutToken(visit.config, sent));
    const store = sidStore(r);
    if (!store) {
      throw oidcError('store_failed', 'no $idp_sid: "set $idp_sid \'\';" and its keyval zone are missing');
    }
    const { realm, now, config } = visit;
    const sessionIndex = plusSessionIndex(visit, store);
    await endByLogoutToken(
      { replays: replaysIn(store, realm), sessionIndex, now, clockSkew: config.clock_skew },
      token,
    );
  };
  return answerLogoutToken(r, end, logError, referenceOf);
}
