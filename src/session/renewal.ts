import { isOidcError, isOutage, type OidcError } from '../protocol/errors';
import type { SessionRecord, TokenRecord } from './record';
import type { LockOwner, Session, Sessions } from './sessions';

/** After a renewal failed for the provider's sake, the next try is made after this long (s). */
const retryAfter = 30;
/** How often somebody who waits for a renewal looks (ms), and how soon for the first time. */
const glance = 50;
const firstGlance = 5;
/** Between two tries to write what a renewal brought (ms). */
const betweenTries = 250;

/** What a successful renewal brought: tokens to keep, and what the session record takes over. */
export interface Renewed
  extends Pick<SessionRecord, 'variables' | 'wants' | 'renewAt' | 'expiresAt' | 'accessTokenEndsAt'> {
  tokens: TokenRecord;
}

export interface Renewal {
  /** Seconds since 1970. */
  clock: () => number;
  /**
   * One token request with the refresh token. Rejects with refresh_rejected when the session must end; with
   * `.rotated` tokens when the refresh token was used up but the rest could not be checked yet.
   */
  refresh: (tokens: TokenRecord) => Promise<Renewed>;
  sleep: (milliseconds: number) => Promise<void>;
  /** How long to try to write what the renewal brought while a shared store is away, seconds. */
  persistence: number;
  /** Told of a renewal that failed although the session goes on, or that ended the session. */
  failed: (error: OidcError, ended: boolean) => void;
}

/** What a request does about a renewal that is due. */
export interface Waiting {
  /** Seconds since 1970. */
  clock: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  /** The longest that a renewal may take, seconds. */
  patience: number;
  /**
   * Sets `performRenewal` going, apart from this request: a provider that never ends its answer holds up nobody. A
   * promise where it can only be done within this request, which then must not end before.
   */
  start: (owner: LockOwner) => Promise<void> | undefined;
  /** Told that the store is full, although the session goes on. */
  failed: (error: OidcError) => void;
}

/** An error that leaves a new refresh token behind: the old one is worth nothing any more. */
export type RotatedError = OidcError & { rotated?: TokenRecord };

/**
 * Has a session renewed whose time for it has come: one renewal over all workers and requests. Whoever starts it waits
 * for it; everybody else goes on at once while the tokens are still good, and waits, too, after that.
 * While a shared store cannot be asked, nobody renews, and the session goes on as it was found.
 * @returns the session as it is now, undefined when it has ended
 * @throws store_failed when the tokens have expired and the store cannot tell who renews
 */
export async function renewSession(
  sessions: Sessions,
  session: Session,
  waiting: Waiting,
): Promise<Session | undefined> {
  const started: Started = { within: undefined };
  try {
    return await renewOrWait(sessions, session, waiting, started);
  } catch (error) {
    if (!isOutage(error)) {
      throw error;
    }
    waiting.failed(error);
    await started.within;
    return session;
  }
}

/** A renewal that goes on within this request. */
interface Started {
  within: Promise<void> | undefined;
}

async function renewOrWait(
  sessions: Sessions,
  session: Session,
  waiting: Waiting,
  started: Started,
): Promise<Session | undefined> {
  const lastLook = waiting.clock() + waiting.patience;
  let current = session;
  let owner: LockOwner | undefined;
  for (let pause = firstGlance; ; pause = Math.min(2 * pause, glance)) {
    const expired = waiting.clock() >= session.record.expiresAt;
    if (owner === undefined) {
      owner = await tryLock(sessions, session, waiting, expired);
      if (owner !== undefined) {
        started.within = (await start(sessions, session, owner, waiting)).within;
      } else if (!expired) {
        return current;
      }
    }
    await waiting.sleep(pause);
    const over = owner !== undefined && !(await sessions.isLocked(session)); // before the record is read, which is written before
    const latest = await sessions.latest(session.secret, waiting.clock());
    if (!latest || latest.record.renewAt > waiting.clock() || over || waiting.clock() > lastLook) {
      return latest;
    }
    current = latest;
  }
}

async function tryLock(
  sessions: Sessions,
  session: Session,
  waiting: Waiting,
  expired: boolean,
): Promise<LockOwner | undefined> {
  try {
    return await sessions.lock(session, waiting.patience + 5);
  } catch (error) {
    if (expired || !isOidcError(error) || isOutage(error)) {
      throw error;
    }
    waiting.failed(error);
    return undefined;
  }
}

async function start(sessions: Sessions, session: Session, owner: LockOwner, waiting: Waiting): Promise<Started> {
  try {
    return { within: waiting.start(owner) };
  } catch (error) {
    await sessions.unlock(session, owner);
    throw error;
  }
}

/**
 * The renewal itself, for whoever has the session's lock, which it gives back. A provider that is down, slow or in
 * trouble ends no session; only its word that the refresh token is no good does, or an ID token that fails.
 */
export async function performRenewal(
  sessions: Sessions,
  session: Session,
  owner: LockOwner,
  renewal: Renewal,
): Promise<void> {
  try {
    // Somebody may have renewed or ended it between the gate's look and the lock.
    const latest = await sessions.latest(session.secret, renewal.clock());
    if (!latest || latest.record.renewAt > renewal.clock()) {
      return;
    }
    const tokens = await sessions.tokens(latest);
    if (!tokens) {
      return await sessions.end(latest);
    }
    await refreshAndKeep(sessions, latest, owner, tokens, renewal);
  } finally {
    await sessions.unlock(session, owner);
  }
}

async function refreshAndKeep(
  sessions: Sessions,
  session: Session,
  owner: LockOwner,
  tokens: TokenRecord,
  renewal: Renewal,
): Promise<void> {
  let kept: TokenRecord | undefined;
  try {
    const renewed = await renewal.refresh(tokens);
    kept = renewed.tokens;
    session.record.variables = renewed.variables;
    session.record.wants = renewed.wants;
    session.record.renewAt = renewed.renewAt;
    session.record.expiresAt = renewed.expiresAt;
    session.record.accessTokenEndsAt = renewed.accessTokenEndsAt;
  } catch (error) {
    if (!isOidcError(error)) {
      throw error;
    }
    const ended = error.code === 'refresh_rejected';
    renewal.failed(error, ended);
    if (ended) {
      return sessions.end(session);
    }
    kept = (error as RotatedError).rotated;
    session.record.renewAt = renewal.clock() + retryAfter;
    session.record.expiresAt = session.record.renewAt;
  }
  session.record.usedAt = renewal.clock();
  await write(sessions, session, owner, kept, renewal);
}

/** Until it succeeds, because the old refresh token is used up: a store that was away is mostly back before the lock is over. */
async function write(
  sessions: Sessions,
  session: Session,
  owner: LockOwner,
  tokens: TokenRecord | undefined,
  renewal: Renewal,
): Promise<void> {
  for (const lastTry = renewal.clock() + renewal.persistence; ; ) {
    try {
      await sessions.update(session, tokens, renewal.clock(), owner);
      return;
    } catch (error) {
      if (!isOutage(error) || renewal.clock() >= lastTry) {
        throw error;
      }
    }
    await renewal.sleep(betweenTries);
  }
}
