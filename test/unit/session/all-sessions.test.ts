import { describe, expect, it } from 'vitest';
import { allSessionsIn } from '../../../src/session/all-sessions';
import { realmOf, sessionsOfRealm, siteOf } from '../../../src/session/session-id';
import { sessionIndexIn } from '../../../src/session/session-index';
import { allLinksIn, sessionLinksIn } from '../../../src/session/session-links';
import { sessionsIn } from '../../../src/session/sessions';
import { memoryStore } from '../../support/memory-store';
import { hmacKey, linkOf, sessionRecord, tokenRecord } from '../../support/session-fixture';

const iss = 'https://idp.test';

function scene(store = memoryStore(), realm = realmOf('client', iss, '')) {
  const sessions = sessionsIn(store, { site: siteOf(realm, hmacKey), cookieName: 'auth_token' });
  const links = sessionLinksIn(store, sessions.isThere);
  const index = sessionIndexIn(links, sessions, realm, hmacKey);
  return {
    store,
    sessions,
    all: allSessionsIn(links, sessions, () => allLinksIn(store, sessionsOfRealm(realm))),
    async signIn(sub: string) {
      const session = await sessions.create(sessionRecord(store.now), tokenRecord(), store.now);
      await index.link({ iss, sub, sid: 'one-session-at-the-provider' }, linkOf(session), store.now);
      return session;
    },
  };
}

describe('all sessions of a realm', () => {
  it('are counted, and their people, without those that are over and those of another client', async () => {
    const { store, sessions, all, signIn } = scene();
    expect(await all.count()).toEqual({ sessions: 0, people: 0 });
    const [first] = [await signIn('alice'), await signIn('alice'), await signIn('bob'), await signIn('carol')];
    const other = scene(store, realmOf('other', iss, ''));
    await other.signIn('alice');
    expect(await all.count()).toEqual({ sessions: 4, people: 3 });
    await sessions.end(first as { key: string });
    expect(await all.count()).toEqual({ sessions: 3, people: 3 });
    expect(await other.all.count()).toEqual({ sessions: 1, people: 1 });
    store.now += 3600; // the idle time
    expect(await all.count()).toEqual({ sessions: 0, people: 0 });
  });

  it('end that began before a time, and no others', async () => {
    const { store, sessions, all, signIn } = scene();
    const isLive = async (session: { secret: string }) =>
      (await sessions.find(session.secret, store.now)) !== undefined;
    const old = [await signIn('alice'), await signIn('bob')];
    const other = scene(store, realmOf('other', iss, ''));
    const elsewhere = await other.signIn('alice');
    store.now += 60;
    const time = store.now;
    const fresh = [await signIn('alice'), await signIn('dave')];
    store.now += 600;
    await sessions.touch(old[0] as never, store.now);
    expect(await all.endBegunBefore(time)).toHaveLength(2);
    expect(await Promise.all([...old, ...fresh].map(isLive))).toEqual([false, false, true, true]);
    expect(await other.sessions.find(elsewhere.secret, store.now)).toBeDefined();
    expect(await all.endBegunBefore(time)).toEqual([]);
    expect(await all.count()).toEqual({ sessions: 2, people: 2 });
  });
});
