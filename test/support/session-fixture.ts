import type { SessionRecord, TokenRecord } from '../../src/session/record';
import { realmOf, type Scope, siteOf } from '../../src/session/session-id';
import { type Session, sessionsIn } from '../../src/session/sessions';
import { memoryStore } from './memory-store';

export const hmacKey = 'a-key-for-tests-only-0123456789abcdef';

/** The scope of the sessions of a client of a provider, on a site without TLS. */
export function scopeOf(issuer = 'https://idp.test', client = 'client', key = hmacKey): Scope {
  return { site: siteOf(realmOf(client, issuer, ''), key), cookieName: 'auth_token' };
}

export function sessionRecord(now: number, changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    variables: { jwt_claim_sub: 'alice' },
    wants: '',
    endsAt: now + 28800,
    idleTimeout: 3600,
    usedAt: now,
    renewAt: now + 240,
    expiresAt: now + 300,
    accessTokenEndsAt: now + 300,
    tokenSet: '',
    ...changes,
  };
}

export function tokenRecord(changes: Partial<TokenRecord> = {}): TokenRecord {
  return {
    idToken: 'id-token-1',
    besideIdToken: '',
    accessToken: 'access-token-1',
    refreshToken: 'refresh-token-1',
    nonce: 'nonce-1',
    ...changes,
  };
}

/** A session in a store of its own. */
export async function startedSession(changes: Partial<SessionRecord> = {}) {
  const store = memoryStore();
  const sessions = sessionsIn(store, scopeOf());
  const session = await sessions.create(sessionRecord(store.now, changes), tokenRecord(), store.now);
  return { store, sessions, session };
}

/** What an index of sessions wants of one. */
export const linkOf = ({ key, record }: Session) => ({ key, ends: record.endsAt });
