import { sleep } from '../nginx/timers';
import { asOidcError, oidcError } from '../protocol/errors';
import { decodeJws } from '../protocol/jws';
import { randomToken } from '../protocol/random';
import { refreshTokenGrant } from '../protocol/token-request';
import { keyvalStore } from '../store/keyval';
import type { Store } from '../store/store';
import { currentSession, type FirstIdToken, firstIdToken, type KeyvalSession, writeSession } from './keyval-sessions';
import type { PlusVisit } from './plus-visit';
import { requestTokens, verifyIdToken } from './provider';
import { plusVariables } from './variables';

/** How often somebody who waits looks again (ms). */
const glance = 100;
/** After taking the lock, time for another worker's write of the same microsecond to show (ms). */
const settle = 10;

/**
 * Renews the session of the request's cookie with its refresh token: one token request per session on this node.
 * @returns whether there is a session now; false when a new sign-in is needed
 * @throws when the provider is in trouble: the refresh token stays
 */
export async function renew(visit: PlusVisit, id: string): Promise<boolean> {
  const before = currentSession(visit.r);
  const locks = keyvalStore(visit.r, () => Math.floor(Date.now() / 1000));
  const lock = `renewing:${id}`;
  const owner = randomToken(16);
  const patience = visit.config.provider_timeout + 5;
  for (const deadline = Date.now() + patience * 1000; Date.now() < deadline; ) {
    if (hasChanged(visit, before)) {
      return currentSession(visit.r).idToken !== undefined;
    }
    if (await take(locks, lock, owner, patience)) {
      try {
        return await refresh(visit, id, before);
      } finally {
        if (locks.get(lock) === owner) {
          locks.delete(lock);
        }
      }
    }
    await sleep(glance);
  }
  throw oidcError('provider_timeout', 'another request was renewing this session and did not finish');
}

async function take(locks: Store, lock: string, owner: string, ttl: number): Promise<boolean> {
  if (!locks.add(lock, owner, ttl)) {
    return false;
  }
  await sleep(settle);
  return locks.get(lock) === owner;
}

function hasChanged({ r }: PlusVisit, before: KeyvalSession): boolean {
  const now = currentSession(r);
  return now.idToken !== before.idToken || now.refreshToken !== before.refreshToken;
}

async function refresh(visit: PlusVisit, id: string, before: KeyvalSession): Promise<boolean> {
  if (hasChanged(visit, before)) {
    return currentSession(visit.r).idToken !== undefined;
  }
  const refreshToken = before.refreshToken as string;
  try {
    const answer = await requestTokens(visit, '/_refresh', refreshTokenGrant(refreshToken));
    if (answer.idToken === undefined) {
      throw oidcError('token_response_invalid', 'the refresh response did not include an id_token');
    }
    const previous = previousOf(visit, id, before);
    const { accessToken } = answer;
    await verifyIdToken(visit, answer.idToken, previous ? { accessToken, previous } : { accessToken });
    writeSession(visit.r, id, {
      idToken: answer.idToken,
      accessToken,
      refreshToken: answer.refreshToken || refreshToken,
    });
    return true;
  } catch (thrown) {
    const error = asOidcError(thrown);
    if (error.oauthError !== 'invalid_grant' && !/^(?:id_token_|unknown_key)/.test(error.code)) {
      throw error;
    }
    return afterRejection(visit, id, before, error.detail);
  }
}

/** Another node may have used the refresh token first: its tokens arrive within the delay of zone_sync. */
async function afterRejection(visit: PlusVisit, id: string, before: KeyvalSession, detail: string): Promise<boolean> {
  const leeway = Number(plusVariables(visit.r).zone_sync_leeway) || 0;
  for (const deadline = Date.now() + leeway; Date.now() < deadline && !hasChanged(visit, before); ) {
    await sleep(glance);
  }
  if (hasChanged(visit, before)) {
    return currentSession(visit.r).idToken !== undefined;
  }
  visit.r.warn(`OIDC refresh failure: ${detail}`);
  writeSession(visit.r, id, {});
  return false;
}

function previousOf(visit: PlusVisit, id: string, before: KeyvalSession): FirstIdToken | undefined {
  const first = firstIdToken(visit.r, id);
  if (first || before.idToken === undefined) {
    return first;
  }
  const { iss, sub, nonce } = decodeJws(before.idToken).payload; // verified when it was stored
  return { iss: String(iss), sub: String(sub), nonce: String(nonce) };
}
