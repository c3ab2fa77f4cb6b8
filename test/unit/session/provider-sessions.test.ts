import { describe, expect, it } from 'vitest';
import { providerSessionsIn } from '../../../src/session/provider-sessions';
import { realmOf, siteOf } from '../../../src/session/session-id';
import { sessionsIn } from '../../../src/session/sessions';
import { type MemoryStore, memoryStore } from '../../support/memory-store';
import { hmacKey, sessionRecord, tokenRecord } from '../../support/session-fixture';

const iss = 'https://idp.test';
const sid = 'one-session-at-the-provider';
const realm = realmOf('client', iss, '');

function scene(store: MemoryStore = memoryStore(), ofRealm = realm) {
  const sessions = sessionsIn(store, { site: siteOf(ofRealm, hmacKey), cookieName: 'auth_token' });
  const providerSessions = providerSessionsIn(store, sessions, ofRealm, hmacKey);
  return {
    store,
    sessions,
    providerSessions,
    async signIn(of = sid, issuer = iss) {
      const session = await sessions.create(sessionRecord(store.now), tokenRecord(), store.now);
      providerSessions.link(issuer, of, session, store.now);
      return session;
    },
    isLive: (session: { secret: string }) => sessions.find(session.secret, store.now) !== undefined,
    entries: () => [...store.entries.keys()].filter((key) => key.startsWith('p:')),
  };
}

describe('sessions at the provider', () => {
  it('end all sessions here that they belong to, tokens and all, and leave only tombstones', async () => {
    const { store, sessions, providerSessions, signIn, isLive } = scene();
    const [one, two] = [await signIn(), await signIn()];
    expect(providerSessions.end(iss, sid).sort()).toEqual([one.key, two.key].sort());
    expect([isLive(one), isLive(two)]).toEqual([false, false]);
    expect([...store.entries.keys()].sort()).toEqual([`x:${one.key}`, `x:${two.key}`].sort());
    expect(await sessions.update(one, tokenRecord(), store.now)).toBe(false); // a renewal that was under way
    expect(isLive(one)).toBe(false);
    expect(providerSessions.end(iss, sid)).toEqual([]);
  });

  it.each([
    ['another sid', iss, 'two-sessions-at-the-provider', realm],
    ['another issuer', 'https://idp.test/other', sid, realm],
    ['another client', iss, sid, `other\n${iss}`],
  ])('of %s end nothing', async (_name, otherIss, otherSid, otherRealm) => {
    const { store, signIn, isLive } = scene();
    const session = await signIn();
    const size = store.entries.size;
    expect(scene(store, otherRealm).providerSessions.end(otherIss, otherSid)).toEqual([]);
    expect([isLive(session), store.entries.size]).toEqual([true, size]);
  });

  it('are still known when a session that is in use nears its absolute end', async () => {
    const { store, sessions, providerSessions, signIn, isLive } = scene();
    const session = await signIn();
    const { endsAt: e } = session.record;
    for (; store.now < e - 1; store.now += 3000) {
      const found = sessions.find(session.secret, store.now);
      if (found) sessions.touch(found, store.now);
    }
    store.now = e - 1;
    expect(isLive(session)).toBe(true);
    expect(providerSessions.end(iss, sid)).toEqual([session.key]);
    expect(isLive(session)).toBe(false);
  });

  it('are forgotten with the session', async () => {
    const { store, providerSessions, signIn, entries } = scene();
    const session = await signIn();
    const [entry = ''] = entries();
    expect(store.entries.get(entry)?.ends).toBe(session.record.endsAt);
    providerSessions.unlink(iss, sid, 'another key');
    expect(entries()).toEqual([entry]);
    providerSessions.unlink(iss, sid, session.key);
    expect(entries()).toEqual([]);
  });

  it('have 16 sessions at most: one that is over makes room, else the oldest ends', async () => {
    const { store, sessions, providerSessions, signIn, isLive, entries } = scene();
    const all = [];
    for (; all.length < 16; store.now++) all.push(await signIn());
    expect(entries()).toHaveLength(16);
    sessions.end(all[7] as { key: string });
    all.push(await signIn());
    expect(all.filter(isLive)).toHaveLength(16);
    all.push(await signIn());
    expect(all.map(isLive).indexOf(true)).toBe(1); // the first gave way
    expect(entries()).toHaveLength(16);
    const live = all.filter(isLive);
    expect(live).toHaveLength(16);
    expect(providerSessions.end(iss, sid)).toHaveLength(16);
    expect(live.filter(isLive)).toEqual([]);
    expect(entries()).toEqual([]);
  });

  it('whose sid could be guessed lead to no session', async () => {
    const { providerSessions, signIn, isLive, entries } = scene();
    const session = await signIn('7');
    expect(entries()).toEqual([]);
    expect(providerSessions.end(iss, '7')).toEqual([]);
    expect(isLive(session)).toBe(true);
  });

  it('are not named in the store, and look different under another key', async () => {
    const { store, sessions, entries, signIn } = scene();
    const session = await signIn();
    expect(JSON.stringify([...store.entries])).not.toContain(sid);
    expect(entries()[0]).toMatch(/^p:[A-Za-z0-9_-]{43}:0$/);
    const otherKey = providerSessionsIn(store, sessions, realm, `${hmacKey}2`);
    expect(otherKey.end(iss, sid)).toEqual([]);
    otherKey.link(iss, sid, session, store.now);
    expect(new Set(entries()).size).toBe(2);
  });

  it('let nobody in whom they could not sign out: a full store ends the sign-in', async () => {
    const { store, sessions, providerSessions, isLive } = scene();
    const session = await sessions.create(sessionRecord(store.now), tokenRecord(), store.now);
    store.full = true;
    expect(() => providerSessions.link(iss, sid, session, store.now)).toThrow('store_failed');
    expect(isLive(session)).toBe(false);
  });
});
