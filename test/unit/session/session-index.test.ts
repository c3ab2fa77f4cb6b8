import { describe, expect, it } from 'vitest';
import { realmOf, siteOf } from '../../../src/session/session-id';
import { sessionIndexIn } from '../../../src/session/session-index';
import { sessionLinksIn } from '../../../src/session/session-links';
import { sessionsIn } from '../../../src/session/sessions';
import { type MemoryStore, memoryStore } from '../../support/memory-store';
import { hmacKey, linkOf, sessionRecord, tokenRecord } from '../../support/session-fixture';

const iss = 'https://idp.test';
const sid = 'one-session-at-the-provider';
const sub = 'alice';
const realm = realmOf('client', iss, '');

function scene(store: MemoryStore = memoryStore(), ofRealm = realm) {
  const sessions = sessionsIn(store, { site: siteOf(ofRealm, hmacKey), cookieName: 'auth_token' });
  const index = sessionIndexIn(sessionLinksIn(store, sessions.isThere), sessions, ofRealm, hmacKey);
  return {
    store,
    sessions,
    index,
    async signIn(identity: { iss?: string; sub?: string; sid?: string } = { sid }) {
      const session = await sessions.create(sessionRecord(store.now), tokenRecord(), store.now);
      await index.link({ iss, sub, ...identity }, linkOf(session), store.now);
      return session;
    },
    isLive: async (session: { secret: string }) => (await sessions.find(session.secret, store.now)) !== undefined,
    async living<T extends { secret: string }>(all: T[]): Promise<T[]> {
      const found = await Promise.all(all.map(({ secret }) => sessions.find(secret, store.now)));
      return all.filter((_, at) => found[at] !== undefined);
    },
    entries: (kinds = /^[pu]:/) => [...store.entries.keys()].filter((key) => kinds.test(key)),
  };
}

describe.each([
  ['a session at the provider', 'endSid', sid],
  ['a person', 'endSub', sub],
] as const)('the sessions of %s', (_name, end, name) => {
  it('end together, tokens and all, and leave tombstones', async () => {
    const { store, sessions, index, signIn, isLive } = scene();
    const [one, two] = [await signIn(), await signIn()];
    expect((await index[end](iss, name)).sort()).toEqual([one.key, two.key].sort());
    expect([await isLive(one), await isLive(two)]).toEqual([false, false]);
    expect([...store.entries.keys()].filter((key) => /^[st]:/.test(key))).toEqual([]);
    expect(await sessions.update(one, tokenRecord(), store.now)).toBe(false); // a renewal that was under way
    expect(await isLive(one)).toBe(false);
    expect(await index[end](iss, name)).toEqual([]);
  });

  it.each([
    ['of another name', iss, `${name}2`, realm],
    ['of another issuer', 'https://idp.test/other', name, realm],
    ['of another client', iss, name, realmOf('other', iss, '')],
  ])('are not those %s', async (_name, otherIss, other, otherRealm) => {
    const { store, signIn, isLive } = scene();
    const session = await signIn();
    const size = store.entries.size;
    expect(await scene(store, otherRealm).index[end](otherIss, other)).toEqual([]);
    expect([await isLive(session), store.entries.size]).toEqual([true, size]);
  });

  it('are still known when a session that is in use nears its absolute end', async () => {
    const { store, sessions, index, signIn, isLive } = scene();
    const session = await signIn();
    const { endsAt: e } = session.record;
    for (; store.now < e - 1; store.now += 3000) {
      const found = await sessions.find(session.secret, store.now);
      if (found) await sessions.touch(found, store.now);
    }
    store.now = e - 1;
    expect(await isLive(session)).toBe(true);
    expect(await index[end](iss, name)).toEqual([session.key]);
    expect(await isLive(session)).toBe(false);
  });

  it('end although one of them cannot', async () => {
    const { sessions, index, signIn, isLive } = scene();
    const [bad, good] = [await signIn(), await signIn()];
    const proper = sessions.end;
    sessions.end = async (session) => {
      if (session.key === bad.key) throw new Error('no');
      await proper(session);
    };
    await expect(index[end](iss, name)).rejects.toThrow('no');
    expect([await isLive(bad), await isLive(good)]).toEqual([true, false]);
    sessions.end = proper;
    expect(await index[end](iss, name)).toEqual([bad.key]); // what failed can be tried again
  });
});

describe('the index of sessions', () => {
  it('forgets a session that has ended', async () => {
    const { store, index, signIn, entries } = scene();
    const session = await signIn();
    for (const entry of entries()) expect(store.entries.get(entry)?.ends).toBe(session.record.endsAt);
    const before = entries();
    expect(before).toHaveLength(2);
    await index.unlink({ iss, sub, sid }, 'another key');
    expect(entries()).toEqual(before);
    await index.unlink({ iss, sub, sid }, session.key);
    expect(entries()).toEqual([]);
  });

  it('has 16 sessions of a session at the provider: one that is over makes room, else the oldest ends', async () => {
    const { store, sessions, index, signIn, living, entries } = scene();
    const all = [];
    for (; all.length < 16; store.now++) all.push(await signIn());
    expect(entries(/^p:/)).toHaveLength(16);
    await sessions.end(all[7] as { key: string });
    all.push(await signIn());
    expect(await living(all)).toHaveLength(16);
    all.push(await signIn());
    const live = await living(all);
    expect(all.indexOf(live[0] as never)).toBe(1); // the first gave way
    expect([live.length, entries(/^p:/).length]).toEqual([16, 16]);
    expect(await index.endSid(iss, sid)).toHaveLength(16);
    expect(await living(live)).toEqual([]);
    expect(entries(/^p:/)).toEqual([]);
  });

  it('has 256 sessions of a person, then the oldest ends', async () => {
    const { store, index, sessions, signIn, living, entries } = scene();
    const all = [];
    for (; all.length < 256; store.now++) all.push(await signIn({}));
    expect(await living(all)).toHaveLength(256);
    const one = await sessions.create(sessionRecord(store.now), tokenRecord(), store.now);
    expect(await index.link({ iss, sub }, linkOf(one), store.now)).toBe('session');
    expect(await living([all[0] as never, all[1] as never, one])).toEqual([all[1], one]);
    expect(entries(/^u:/)).toHaveLength(256);
    expect(await index.endSub(iss, sub)).toHaveLength(256);
    expect(await living([...all, one])).toEqual([]);
  });

  it('ends nobody because many people have the same sid that could be guessed, such as a number', async () => {
    const { store, index, sessions, living } = scene();
    const all = [];
    const gaveWay = [];
    for (; all.length < 257; store.now++) {
      const session = await sessions.create(sessionRecord(store.now), tokenRecord(), store.now);
      gaveWay.push(await index.link({ iss, sub: `person ${all.length}`, sid: '17' }, linkOf(session), store.now));
      all.push(session);
    }
    expect(await living(all)).toHaveLength(257);
    expect(gaveWay.filter(Boolean)).toEqual(['link']);
    expect(await index.endSid(iss, '17')).toHaveLength(256);
    expect(await living(all)).toEqual([all[0]]);
    expect(await index.endSub(iss, 'person 0')).toEqual([all[0]?.key]);
  });

  it('names neither a sid nor a person in the store, and looks different under another key', async () => {
    const { store, sessions, index, entries, signIn } = scene();
    const session = await signIn({ sub: 'alice@example.com', sid });
    expect(JSON.stringify([...store.entries]).match(new RegExp(`${sid}|alice@`))).toBe(null);
    expect(entries().sort()).toEqual([
      expect.stringMatching(/^p:[\w-]{43}:\d+$/),
      expect.stringMatching(/^u:[\w-]{11}:[\w-]{43}:\d+$/),
    ]);
    const otherKey = sessionIndexIn(sessionLinksIn(store, sessions.isThere), sessions, realm, `${hmacKey}2`);
    expect([await otherKey.endSid(iss, sid), await otherKey.endSub(iss, 'alice@example.com')]).toEqual([[], []]);
    await otherKey.link({ iss, sub: 'alice@example.com', sid }, linkOf(session), store.now);
    expect(new Set(entries()).size).toBe(4);
    expect(await index.endSid(iss, sid)).toEqual([session.key]);
  });

  it('lets nobody in whom it could not sign out: a full store ends the sign-in', async () => {
    const { store, sessions, index, isLive } = scene();
    const session = await sessions.create(sessionRecord(store.now), tokenRecord(), store.now);
    store.full = true;
    await expect(index.link({ iss, sub, sid }, linkOf(session), store.now)).rejects.toThrow('store_failed');
    expect(await isLive(session)).toBe(false);
  });
});
