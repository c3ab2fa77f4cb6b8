import { describe, expect, it } from 'vitest';
import { allSessionsIn } from '../../../src/session/all-sessions';
import { realmOf, siteOf } from '../../../src/session/session-id';
import { sessionIndexIn } from '../../../src/session/session-index';
import { sessionsIn } from '../../../src/session/sessions';
import { memoryStore } from '../../support/memory-store';
import { hmacKey, linkOf, sessionRecord, tokenRecord } from '../../support/session-fixture';

const iss = 'https://idp.test';

function scene(store = memoryStore(), realm = realmOf('client', iss, '')) {
  const sessions = sessionsIn(store, { site: siteOf(realm, hmacKey), cookieName: 'auth_token' });
  const index = sessionIndexIn(store, sessions, realm, hmacKey);
  return {
    store,
    sessions,
    all: allSessionsIn(store, sessions, realm),
    async signIn(sub: string) {
      const session = await sessions.create(sessionRecord(store.now), tokenRecord(), store.now);
      index.link({ iss, sub, sid: 'one-session-at-the-provider' }, linkOf(session), store.now);
      return session;
    },
  };
}

describe('all sessions of a realm', () => {
  it('are counted, and their people, without those that are over and those of another client', async () => {
    const { store, sessions, all, signIn } = scene();
    expect(all.count()).toEqual({ sessions: 0, people: 0 });
    const [first] = [await signIn('alice'), await signIn('alice'), await signIn('bob'), await signIn('carol')];
    const other = scene(store, realmOf('other', iss, ''));
    await other.signIn('alice');
    expect(all.count()).toEqual({ sessions: 4, people: 3 });
    sessions.end(first as { key: string });
    expect(all.count()).toEqual({ sessions: 3, people: 3 });
    expect(other.all.count()).toEqual({ sessions: 1, people: 1 });
    store.now += 3600; // the idle time
    expect(all.count()).toEqual({ sessions: 0, people: 0 });
  });

  it('end that began before a time, and no others', async () => {
    const { store, sessions, all, signIn } = scene();
    const isLive = (session: { secret: string }) => sessions.find(session.secret, store.now) !== undefined;
    const old = [await signIn('alice'), await signIn('bob')];
    const other = scene(store, realmOf('other', iss, ''));
    const elsewhere = await other.signIn('alice');
    store.now += 60;
    const time = store.now;
    const fresh = [await signIn('alice'), await signIn('dave')];
    store.now += 600;
    sessions.touch(old[0] as never, store.now);
    expect(all.endBegunBefore(time)).toBe(2);
    expect([...old, ...fresh].map(isLive)).toEqual([false, false, true, true]);
    expect(other.sessions.find(elsewhere.secret, store.now)).toBeDefined();
    expect(all.endBegunBefore(time)).toBe(0);
    expect(all.count()).toEqual({ sessions: 2, people: 2 });
  });
});
