import { describe, expect, it } from 'vitest';
import { oidcError } from '../../../src/protocol/errors';
import { endedEntry, sessionEntry } from '../../../src/session/record';
import { sessionsIn } from '../../../src/session/sessions';
import { memoryStore } from '../../support/memory-store';
import { hmacKey, scopeOf, sessionRecord, startedSession, tokenRecord } from '../../support/session-fixture';

describe('sessions', () => {
  it('are found by the secret that only the browser has, and hold their tokens', async () => {
    const { store, sessions, session } = await startedSession();
    const found = await sessions.find(session.secret, store.now);
    expect(found?.record.variables).toEqual({ jwt_claim_sub: 'alice' });
    expect(found && (await sessions.tokens(found))).toEqual(tokenRecord());
  });

  it('leave nothing in the store that could be used: no secret, no token', async () => {
    const { store, session } = await startedSession();
    const dump = JSON.stringify([...store.entries]);
    for (const secret of [session.secret, 'id-token-1', 'access-token-1', 'refresh-token-1', 'nonce-1', hmacKey]) {
      expect(dump).not.toContain(secret);
    }
  });

  it('have secrets of 256 bits that never repeat', async () => {
    const secrets = new Set<string>();
    for (let i = 0; i < 50; i++) secrets.add((await startedSession()).session.secret);
    expect(secrets.size).toBe(50);
    for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  });

  it('of one realm do not open another', async () => {
    const { store, session } = await startedSession();
    const other = sessionsIn(store, scopeOf('https://other.test'));
    expect(await other.find(session.secret, store.now)).toBeUndefined();
  });

  it.each([
    ['another client', scopeOf('https://idp.test', 'another')],
    ['another key of the site', scopeOf('https://idp.test', 'client', 'another-key-for-tests-0123456789')],
    ['the cookie of another name', { ...scopeOf(), cookieName: '__Host-auth_token' }],
  ])('do not open with %s', async (_name, scope) => {
    const { store, session } = await startedSession();
    expect(await sessionsIn(store, scope).find(session.secret, store.now)).toBeUndefined();
  });

  it('whose records were swapped in the store keep their tokens to themselves', async () => {
    const { store, sessions, session } = await startedSession();
    const mallory = await sessions.create(sessionRecord(store.now), tokenRecord(), store.now);
    mallory.record.tokenSet = session.record.tokenSet;
    store.delete(sessionEntry(mallory.key));
    expect(await sessions.tokens(mallory)).toBeUndefined();
  });

  it('end absolutely, however busy they are', async () => {
    const { store, sessions, session } = await startedSession({ endsAt: 1_000_000 + 7200 });
    for (let minute = 0; minute < 120; minute++) {
      const found = await sessions.find(session.secret, store.now);
      expect(found, `minute ${minute}`).toBeDefined();
      if (found) await sessions.touch(found, store.now);
      store.now += 60;
    }
    expect(await sessions.find(session.secret, store.now)).toBeUndefined();
  });

  it('end when idle', async () => {
    const { store, sessions, session } = await startedSession();
    store.now += 3599;
    expect(await sessions.find(session.secret, store.now)).toBeDefined();
    store.now += 1;
    expect(await sessions.find(session.secret, store.now)).toBeUndefined();
    expect([...store.entries.values()].some((entry) => entry.ends > store.now)).toBe(false);
  });

  it('note their use once in a tenth of the idle time, not with each request', async () => {
    const { store, sessions, session } = await startedSession();
    store.now += 359;
    await sessions.touch({ ...session, record: { ...session.record } }, store.now);
    expect((await sessions.find(session.secret, store.now))?.record.usedAt).toBe(1_000_000);
    store.now += 1;
    await sessions.touch({ ...session, record: { ...session.record } }, store.now);
    expect((await sessions.find(session.secret, store.now))?.record.usedAt).toBe(store.now);
  });

  it('that are touched keep what a renewal has just written', async () => {
    const { store, sessions, session } = await startedSession();
    const stale = { ...session, record: { ...session.record } };
    store.now += 400;
    session.record.variables = { jwt_claim_sub: 'renewed' };
    await sessions.update(session, undefined, store.now);
    await sessions.touch(stale, store.now);
    expect((await sessions.find(session.secret, store.now))?.record.variables).toEqual({ jwt_claim_sub: 'renewed' });
  });

  it('go on when the store is full and their use cannot be noted', async () => {
    const { store, sessions, session } = await startedSession();
    store.now += 400;
    store.full = true;
    await sessions.touch(session, store.now);
    expect(await sessions.find(session.secret, store.now)).toBeDefined();
  });

  it('give their tokens to whoever reads them while a renewal puts others in their place', async () => {
    const { store, sessions, session } = await startedSession();
    const reader = { ...session, record: { ...session.record } };
    await sessions.update(session, tokenRecord({ accessToken: 'access-token-2' }), store.now);
    expect((await sessions.tokens(reader))?.accessToken).toBe('access-token-2');
    expect(store.entries.size, 'the record and one set of tokens').toBe(2);
  });

  it('take new tokens also where there is no room beside the old ones', async () => {
    const { store, sessions, session } = await startedSession();
    const { set } = store;
    store.set = (key, value, ttl) => {
      if (store.entries.size > 1 && !store.entries.has(key)) throw oidcError('store_failed', 'full');
      set(key, value, ttl);
    };
    await sessions.update(session, tokenRecord({ refreshToken: 'refresh-token-2' }), store.now);
    expect((await sessions.tokens(session))?.refreshToken).toBe('refresh-token-2');
  });

  it('take new tokens also where their record finds no room before the old ones are gone', async () => {
    const { store, sessions, session } = await startedSession();
    const { set } = store;
    store.set = (key, value, ttl) => {
      if (key === sessionEntry(session.key) && store.entries.size > 2) throw oidcError('store_failed', 'full');
      set(key, value, ttl);
    };
    await sessions.update(session, tokenRecord({ refreshToken: 'refresh-token-2' }), store.now);
    const found = await sessions.find(session.secret, store.now);
    expect(found && (await sessions.tokens(found))?.refreshToken).toBe('refresh-token-2');
  });

  it('whose record cannot be read can be ended all the same', async () => {
    const { store, sessions, session } = await startedSession();
    store.set(sessionEntry(session.key), 'garbage', 60);
    await sessions.end(session);
    expect(store.get(sessionEntry(session.key))).toBeUndefined();
  });

  it('that were replaced during their renewal end all the same', async () => {
    const { store, sessions, session } = await startedSession();
    const renewing = { ...session, record: { ...session.record } };
    await sessions.retire(session, store.now);
    await sessions.update(renewing, tokenRecord(), store.now);
    expect(await sessions.find(session.secret, store.now + 30)).toBeUndefined();
  });

  it('leave nothing behind when they end, also after a renewal that the other side has not seen', async () => {
    const { store, sessions, session } = await startedSession();
    const stale = { ...session, record: { ...session.record } };
    await sessions.update(session, tokenRecord({ accessToken: 'access-token-2' }), store.now);
    await sessions.end(stale);
    expect([...store.entries.keys()]).toEqual([endedEntry(session.key)]);
  });

  it('that were ended stay ended when a renewal in another worker finishes later', async () => {
    const { store, sessions, session } = await startedSession();
    await sessions.end(session);
    expect(await sessions.update(session, tokenRecord(), store.now)).toBe(false);
    expect(await sessions.find(session.secret, store.now)).toBeUndefined();
    expect(await sessions.tokens(session)).toBeUndefined();
  });

  it('that were ended stay ended although their use is noted at the same moment', async () => {
    const { store, sessions, session } = await startedSession();
    store.now += 400;
    const inBetween = { ...store, set: store.set };
    const others = sessionsIn(inBetween, scopeOf());
    let isFirst = true;
    inBetween.set = (key, value, ttl) => {
      if (isFirst) sessions.end(session); // another worker, after this one read the record
      isFirst = false;
      store.set(key, value, ttl);
    };
    await others.touch(session, store.now);
    expect(isFirst).toBe(false);
    expect(await sessions.find(session.secret, store.now)).toBeUndefined();
    expect(await sessions.tokens(session)).toBeUndefined();
  });

  it('have a lock whose time may be over: what it was for is not written then, and it is not given back', async () => {
    const { store, sessions, session } = await startedSession();
    const late = (await sessions.lock(session, 10)) as string;
    expect(await sessions.lock(session, 10)).toBeUndefined();
    store.now += 10;
    const owner = (await sessions.lock(session, 60)) as string;
    expect(await sessions.update({ ...session }, tokenRecord({ refreshToken: 'late' }), store.now, late)).toBe(false);
    await sessions.unlock(session, late);
    expect(await sessions.isLocked(session)).toBe(true);
    expect(await sessions.update(session, tokenRecord({ refreshToken: 'quick' }), store.now, owner)).toBe(true);
    await sessions.unlock(session, owner);
    expect(await sessions.isLocked(session)).toBe(false);
    expect((await sessions.tokens(session))?.refreshToken).toBe('quick');
  });

  it('that a newer sign-in replaced go on for requests under way, then end', async () => {
    const { store, sessions, session } = await startedSession();
    await sessions.retire(session, store.now);
    expect(await sessions.find(session.secret, store.now + 29)).toBeDefined();
    expect(await sessions.find(session.secret, store.now + 30)).toBeUndefined();
  });

  it('cannot be made in a full store, and leave no half of one behind', async () => {
    const store = memoryStore();
    const sessions = sessionsIn(store, scopeOf());
    store.full = true;
    await expect(sessions.create(sessionRecord(store.now), tokenRecord(), store.now)).rejects.toMatchObject({
      code: 'store_failed',
    });
    expect(store.entries.size).toBe(0);
  });
});
