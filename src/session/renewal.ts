import { isOidcError, type OidcError } from '../protocol/errors';
import type { TokenRecord } from './record';
import type { Session, Sessions } from './sessions';

/** After a renewal failed for the provider's sake, the next try is made after this long (s). */
const retryAfter = 30;
/** How often somebody who waits for another worker's renewal looks (ms). */
const glance = 50;

/** What a successful renewal brought: tokens to keep, and what the session record takes over. */
export interface Renewed {
  tokens: TokenRecord;
  variables: Record<string, string>;
  renewAt: number;
  expiresAt: number;
}

export interface Renewal {
  /** Seconds since 1970. */
  clock: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  /** The longest that `refresh` may take, seconds. */
  patience: number;
  /**
   * One token request with the refresh token. Rejects with refresh_rejected when the session must end; with
   * `.rotated` tokens when the refresh token was used up but the rest could not be checked yet.
   */
  refresh: (tokens: TokenRecord) => Promise<Renewed>;
  /** Told of a renewal that failed although the session goes on, or that ended the session. */
  failed: (error: OidcError, ended: boolean) => void;
}

/** An error that leaves a new refresh token behind: the old one is worth nothing any more. */
export type RotatedError = OidcError & { rotated?: TokenRecord };

/**
 * Renews a session whose time for it has come: one token request over all workers and requests. While the tokens are
 * still good, everybody else goes on at once; after that they wait for the one request. A provider that is down,
 * slow or in trouble ends no session; only its word that the refresh token is no good does, or an ID token that fails.
 * @returns the session as it is now, undefined when it has ended
 * @throws store_failed when the tokens have expired and the store cannot tell who renews
 */
export async function renewSession(
  sessions: Sessions,
  session: Session,
  renewal: Renewal,
): Promise<Session | undefined> {
  const lastLook = renewal.clock() + renewal.patience;
  let current: Session | undefined = session;
  for (;;) {
    const expired = renewal.clock() >= session.record.x;
    if (tryLock(sessions, session, renewal, expired)) {
      return renewLocked(sessions, session, renewal);
    }
    if (!expired || renewal.clock() > lastLook) {
      return current;
    }
    await renewal.sleep(glance);
    current = sessions.find(session.secret, renewal.clock());
    if (!current || current.record.r > renewal.clock()) {
      return current;
    }
  }
}

function tryLock(sessions: Sessions, session: Session, renewal: Renewal, expired: boolean): boolean {
  try {
    return sessions.lock(session, renewal.patience + 5);
  } catch (error) {
    if (expired || !isOidcError(error)) {
      throw error;
    }
    renewal.failed(error, false);
    return false;
  }
}

async function renewLocked(sessions: Sessions, session: Session, renewal: Renewal): Promise<Session | undefined> {
  try {
    const latest = sessions.find(session.secret, renewal.clock());
    if (!latest || latest.record.r > renewal.clock()) {
      return latest; // somebody renewed or ended it between the gate's look and the lock
    }
    const tokens = await sessions.tokens(latest);
    if (!tokens) {
      sessions.end(latest);
      return undefined;
    }
    return await refreshAndKeep(sessions, latest, tokens, renewal);
  } finally {
    sessions.unlock(session);
  }
}

async function refreshAndKeep(
  sessions: Sessions,
  session: Session,
  tokens: TokenRecord,
  renewal: Renewal,
): Promise<Session | undefined> {
  let kept: TokenRecord | undefined;
  try {
    const renewed = await renewal.refresh(tokens);
    kept = renewed.tokens;
    session.record.v = renewed.variables;
    session.record.r = renewed.renewAt;
    session.record.x = renewed.expiresAt;
  } catch (error) {
    if (!isOidcError(error)) {
      throw error;
    }
    const ended = error.code === 'refresh_rejected';
    renewal.failed(error, ended);
    if (ended) {
      sessions.end(session);
      return undefined;
    }
    kept = (error as RotatedError).rotated;
    session.record.r = renewal.clock() + retryAfter;
    session.record.x = session.record.r;
  }
  session.record.t = renewal.clock();
  return (await sessions.update(session, kept, renewal.clock())) ? session : undefined;
}
