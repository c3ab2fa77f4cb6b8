import { describe, expect, it, vi } from 'vitest';
import { oidcError } from '../../../src/protocol/errors';
import type { TokenRecord } from '../../../src/session/record';
import { performRenewal, type Renewal, type Renewed, renewSession, type Waiting } from '../../../src/session/renewal';
import type { LockOwner, Session } from '../../../src/session/sessions';
import { startedSession, tokenRecord } from '../../support/session-fixture';

type Started = Awaited<ReturnType<typeof startedSession>>;

/** Time only passes when somebody waits. */
function renewal({ store, sessions, session }: Started, refresh: Renewal['refresh']) {
  const options = {
    failed: vi.fn(),
    clock: () => store.now,
    sleep: async (milliseconds: number) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      store.now += milliseconds / 1000;
    },
    patience: 40,
    refresh: vi.fn(refresh),
    persistence: 40,
    start: vi.fn((owner: LockOwner): Promise<void> | undefined => {
      void performRenewal(sessions, copy(session), owner, options);
      return undefined;
    }),
  } satisfies Waiting & Renewal;
  return options;
}

function renewed(now: number, refreshToken = 'refresh-token-2'): Renewed {
  return {
    tokens: tokenRecord({ refreshToken }),
    variables: { jwt_claim_sub: 'alice', oidc_claim_name: 'Alice' },
    wants: '',
    renewAt: now + 240,
    expiresAt: now + 300,
    accessTokenEndsAt: now + 300,
  };
}

const copy = (session: Session): Session => ({ ...session, record: { ...session.record } });

describe('renewal', () => {
  it('makes one token request for fifty requests with expired tokens, and all of them go on', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 301;
    const options = renewal(started, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return renewed(store.now);
    });
    const results = await Promise.all(Array.from({ length: 50 }, () => renewSession(sessions, copy(session), options)));
    expect(options.refresh).toHaveBeenCalledTimes(1);
    for (const result of results) expect(result?.record.variables.oidc_claim_name).toBe('Alice');
    expect((await sessions.tokens(session))?.refreshToken).toBe('refresh-token-2');
  });

  it('holds up nobody else while the tokens are still good', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 250;
    let finish: (value: Renewed) => void = () => {};
    const options = renewal(
      started,
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const first = renewSession(sessions, copy(session), options);
    const others = await Promise.all([1, 2, 3].map(() => renewSession(sessions, copy(session), options)));
    expect(others.every((other) => other?.record.expiresAt === session.record.expiresAt)).toBe(true);
    await vi.waitFor(() => expect(options.refresh).toHaveBeenCalled());
    finish(renewed(store.now));
    expect((await first)?.record.variables.oidc_claim_name).toBe('Alice');
    expect(options.refresh).toHaveBeenCalledTimes(1);
  });

  it('keeps the session and tries again later when the provider is in trouble', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 301;
    const options = renewal(started, async () => Promise.reject(oidcError('provider_unreachable', '503')));
    expect(await renewSession(sessions, copy(session), options)).toBeDefined();
    expect(options.failed).toHaveBeenCalledWith(expect.objectContaining({ code: 'provider_unreachable' }), false);
    const after = await sessions.find(session.secret, store.now);
    expect(after?.record.renewAt).toBeCloseTo(store.now + 30, 1);
    expect((await sessions.tokens(session))?.refreshToken).toBe('refresh-token-1');
  });

  it('keeps a rotated refresh token although the rest of the answer could not be checked', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 301;
    const rotated: TokenRecord = tokenRecord({ refreshToken: 'refresh-token-2' });
    const options = renewal(started, async () =>
      Promise.reject(Object.assign(oidcError('jwks_failed', ''), { rotated })),
    );
    expect(await renewSession(sessions, copy(session), options)).toBeDefined();
    expect((await sessions.tokens(session))?.refreshToken).toBe('refresh-token-2');
  });

  it('ends the session when the provider refuses the refresh token', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 301;
    const options = renewal(started, async () => Promise.reject(oidcError('refresh_rejected', 'invalid_grant')));
    expect(await renewSession(sessions, copy(session), options)).toBeUndefined();
    expect(await sessions.find(session.secret, store.now)).toBeUndefined();
  });

  it('does not bring back a session that signed out while it ran', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 301;
    const options = renewal(started, async () => {
      await sessions.end(session);
      return renewed(store.now);
    });
    expect(await renewSession(sessions, copy(session), options)).toBeUndefined();
    expect(await sessions.find(session.secret, store.now)).toBeUndefined();
  });

  it('that never ends holds up nobody longer than the patience lasts', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 301;
    const began = store.now;
    const options = renewal(started, () => new Promise(() => {}));
    const all = await Promise.all([1, 2, 3].map(() => renewSession(sessions, copy(session), options)));
    expect(all.every((one) => one !== undefined)).toBe(true);
    expect(store.now - began).toBeLessThan(45);
    expect(options.start).toHaveBeenCalledTimes(1);
  });

  it('that could not be started gives the lock back', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 301;
    const options = renewal(started, async () => renewed(store.now));
    options.start.mockImplementation(() => {
      throw new Error('subrequest creation failed');
    });
    await expect(renewSession(sessions, copy(session), options)).rejects.toThrow('creation failed');
    expect(await sessions.isLocked(session)).toBe(false);
  });

  it('that came to nothing is not started twice for one request', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 301;
    const options = renewal(started, async () => renewed(store.now));
    options.start.mockImplementation((owner) => sessions.unlock(session, owner));
    expect(await renewSession(sessions, copy(session), options)).toBeDefined();
    expect(options.start).toHaveBeenCalledTimes(1);
  });

  it('of a worker that was killed is taken over when its lock has run out', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 301;
    const options = { ...renewal(started, async () => renewed(store.now)), patience: 60 };
    await sessions.lock(session, 45);
    expect((await renewSession(sessions, copy(session), options))?.record.variables.oidc_claim_name).toBe('Alice');
    expect(options.refresh).toHaveBeenCalledTimes(1);
  });

  it('leaves people signed in with tokens that are still good when the store is full', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 250;
    store.full = true;
    const options = renewal(started, async () => renewed(store.now));
    expect(await renewSession(sessions, copy(session), options)).toBeDefined();
    expect(options.refresh).not.toHaveBeenCalled();
  });

  it('fails closed when the store is full and the tokens have expired', async () => {
    const started = await startedSession();
    const { store, sessions, session } = started;
    store.now += 301;
    store.full = true;
    const options = renewal(started, async () => renewed(store.now));
    await expect(renewSession(sessions, copy(session), options)).rejects.toMatchObject({ code: 'store_failed' });
  });
});
