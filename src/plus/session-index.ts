import type { Identity } from '../protocol/identity';
import { type SessionIndex, sessionIndexIn } from '../session/session-index';
import { sessionLinksIn } from '../session/session-links';
import { keyvalStore, longLived } from '../store/keyval';
import type { Store } from '../store/store';
import { endSession, readSession } from './keyval-sessions';
import type { PlusVisit } from './plus-visit';
import { plusVariables } from './variables';

/** The zone of `$idp_sid` as a store; undefined in a configuration older than front-channel logout. */
export function sidStore(r: NginxHTTPRequest): Store | undefined {
  const clock = () => Math.floor(Date.now() / 1000);
  return plusVariables(r).idp_sid === undefined ? undefined : keyvalStore(r, clock, longLived);
}

/**
 * The sessions by person and by session at the provider. Two workers that sign in the same person within the same
 * microseconds take different places, unless these fall together by chance (1 in 16 for a `sid`, 1 in 256 for a person).
 */
export function plusSessionIndex({ r, realm, config }: PlusVisit, store: Store): SessionIndex {
  const sessions = {
    end: async ({ key }: { key: string }) => endSession(r, key),
    isThere: async (key: string) => {
      const { idToken, refreshToken } = readSession(r, key);
      return idToken !== undefined || refreshToken !== undefined;
    },
  };
  return sessionIndexIn(sessionLinksIn(store, sessions.isThere), sessions, realm, config.hmac_key);
}

/** Puts a session where sign-outs find it; at each renewal again, so that it is found for as long as it lives. */
export async function linkSession(visit: PlusVisit, who: Identity, id: string): Promise<void> {
  const store = sidStore(visit.r);
  if (store) {
    const index = plusSessionIndex(visit, store);
    await index.unlink(who, id);
    await index.link(who, { key: id, ends: visit.now + visit.config.session_timeout }, visit.now);
  }
}

export async function unlinkSession(visit: PlusVisit, who: Identity, id: string): Promise<void> {
  const store = sidStore(visit.r);
  if (store) {
    await plusSessionIndex(visit, store).unlink(who, id);
  }
}
