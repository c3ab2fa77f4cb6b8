import { describe, expect, it } from 'vitest';
import { allSessionsIn } from '../../../src/session/all-sessions';
import { sharedReplaysIn } from '../../../src/session/replays';
import { realmOf, sessionsOfRealm } from '../../../src/session/session-id';
import { sessionIndexIn } from '../../../src/session/session-index';
import type { Sessions } from '../../../src/session/sessions';
import { allSharedLinks, sharedLinksIn } from '../../../src/session/shared-links';
import { memorySharedStore } from '../../support/memory-shared-store';
import { hmacKey, linkOf, sessionRecord, tokenRecord } from '../../support/session-fixture';
import { sharedNodes } from '../../support/shared-nodes';

const iss = 'https://idp.test';
const sid = 'one-session-at-the-provider';
const realm = realmOf('client', iss, '');

function scene(ofRealm = realm, shared = memorySharedStore()) {
  const cluster = sharedNodes(2, { freshness: 0, grace: 300 }, shared);
  const on = (node: Sessions) => {
    const links = sharedLinksIn(shared, node.isThere);
    return {
      index: sessionIndexIn(links, node, ofRealm, hmacKey),
      all: allSessionsIn(links, node, () => allSharedLinks(shared, sessionsOfRealm(ofRealm))),
    };
  };
  const [here, there] = [on(cluster.nodes[0]), on(cluster.nodes[1])];
  return {
    ...cluster,
    here,
    there,
    async signIn(sub: string, ofSid = sid) {
      const session = await cluster.nodes[0].create(sessionRecord(cluster.now()), tokenRecord(), cluster.now());
      const gaveWay = await here.index.link({ iss, sub, sid: ofSid }, linkOf(session), cluster.now());
      return Object.assign(session, { gaveWay });
    },
    isLive: async ({ secret }: { secret: string }) =>
      (await cluster.nodes[1].find(secret, cluster.now())) !== undefined,
  };
}

describe('the index of shared sessions', () => {
  it('ends those of a person, or of a session at the provider, from any machine', async () => {
    const { there, signIn, isLive } = scene();
    const [alice, again, bob] = [await signIn('alice'), await signIn('alice', 'another'), await signIn('bob')];
    expect((await there.index.endSub(iss, 'alice')).sort()).toEqual([alice.key, again.key].sort());
    expect([await isLive(alice), await isLive(again), await isLive(bob)]).toEqual([false, false, true]);
    expect(await there.index.endSid(iss, sid)).toEqual([bob.key]);
    expect(await isLive(bob)).toBe(false);
    expect(await there.index.endSub(iss, 'alice')).toEqual([]);
  });

  it('forgets a session that has ended, and nothing else', async () => {
    const { here, there, signIn, nodes } = scene();
    const [one, two] = [await signIn('alice'), await signIn('alice')];
    await nodes[0].end(one);
    await here.index.unlink({ iss, sub: 'alice', sid }, one.key);
    expect(await there.index.endSub(iss, 'alice')).toEqual([two.key]);
  });

  it('has 16 sessions of a session at the provider: one that is over makes room, else the oldest ends', async () => {
    const { signIn, nodes, isLive, pass } = scene();
    const all = [];
    for (; all.length < 16; pass(1)) all.push(await signIn(`person ${all.length}`));
    await nodes[0].end(all[7] as { key: string });
    all.push(await signIn('one more'));
    expect(await isLive(all[0] as never)).toBe(true);
    const last = await signIn('another');
    expect([last.gaveWay, await isLive(all[0] as never), await isLive(all[1] as never)]).toEqual([
      'session',
      false,
      true,
    ]);
  });

  it('names neither a sid nor a person', async () => {
    const { shared, signIn } = scene();
    await signIn('alice@example.com');
    const dump = JSON.stringify([...shared.indexes].map(([name, members]) => [name, [...members]]));
    expect(dump).not.toMatch(new RegExp(`${sid}|alice|${hmacKey}`));
  });

  it('lets nobody in whom it could not sign out', async () => {
    const { here, nodes, now, shared, isLive } = scene();
    const session = await nodes[0].create(sessionRecord(now()), tokenRecord(), now());
    const { link } = shared;
    shared.link = () => Promise.reject(new Error('no'));
    const broken = sessionIndexIn(sharedLinksIn(shared, nodes[0].isThere), nodes[0], realm, hmacKey);
    await expect(broken.link({ iss, sub: 'alice', sid }, linkOf(session), now())).rejects.toThrow('no');
    shared.link = link;
    expect(await isLive(session)).toBe(false);
    expect(await here.index.endSub(iss, 'alice')).toEqual([]);
  });
});

describe('all shared sessions of a realm', () => {
  it('are counted on any machine, and their people, without those that are over and those of another client', async () => {
    const { shared, there, signIn, nodes, pass } = scene();
    expect(await there.all.count()).toEqual({ sessions: 0, people: 0 });
    const [first] = [await signIn('alice'), await signIn('alice'), await signIn('bob'), await signIn('carol')];
    const other = scene(realmOf('other', iss, ''), shared);
    await other.signIn('alice');
    expect(await there.all.count()).toEqual({ sessions: 4, people: 3 });
    await nodes[0].end(first as { key: string });
    expect(await there.all.count()).toEqual({ sessions: 3, people: 3 });
    expect(await other.there.all.count()).toEqual({ sessions: 1, people: 1 });
    pass(3600); // the idle time
    expect(await there.all.count()).toEqual({ sessions: 0, people: 0 });
  });

  it('end that began before a time, and no others', async () => {
    const { there, signIn, now, pass, isLive } = scene();
    const old = [await signIn('alice'), await signIn('bob')];
    pass(60);
    const time = now();
    const fresh = await signIn('alice');
    expect(await there.all.endBegunBefore(time)).toHaveLength(2);
    expect([await isLive(old[0] as never), await isLive(old[1] as never), await isLive(fresh)]).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('what may come once', () => {
  it('comes once over all machines, and once more if what it asked for was not done', async () => {
    const shared = memorySharedStore();
    const [one, two] = [sharedReplaysIn(shared, realm), sharedReplaysIn(shared, realm)];
    expect([await one.isFirst('a', 60), await two.isFirst('a', 60), await two.isFirst('b', 60)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(await sharedReplaysIn(shared, 'other').isFirst('a', 60)).toBe(true);
    await two.forget('a');
    shared.now += 2;
    expect(await one.isFirst('a', 60)).toBe(true);
  });

  it('is believed to come for the first time where the store is full, and not where it is away', async () => {
    const shared = memorySharedStore();
    shared.trouble = 'full';
    expect(await sharedReplaysIn(shared, realm).isFirst('a', 60)).toBe(true);
    shared.trouble = 'unreachable';
    await expect(sharedReplaysIn(shared, realm).isFirst('a', 60)).rejects.toMatchObject({ code: 'store_unreachable' });
  });
});
