import { describe, expect, it } from 'vitest';
import { oidcError } from '../../../src/protocol/errors';
import { copiesGiveWay } from '../../../src/session/copies-give-way';
import { sessionEntry } from '../../../src/session/record';
import { sessionsIn } from '../../../src/session/sessions';
import { scopeOf, sessionRecord, tokenRecord } from '../../support/session-fixture';
import { sharedNodes } from '../../support/shared-nodes';

/** A zone that holds so many entries, with copies of shared sessions; and the sessions of a site of its own in it. */
async function crowdedZone(copies: number) {
  const cluster = sharedNodes(1);
  const zone = cluster.zones[0];
  for (let n = 0; n < copies; n++, cluster.pass(1)) await cluster.signIn();
  await cluster.nodes[0].listen(cluster.now());
  const most = zone.entries.size;
  const { set } = zone;
  zone.set = (key, value, ttl) => {
    if (zone.entries.size >= most && !zone.entries.has(key)) throw oidcError('store_failed', 'full');
    set(key, value, ttl);
  };
  const copiesLeft = () =>
    [...zone.entries.values()].filter(({ value }) => /^\S+\n.* \d+ \d+ \d+ \d+(?:\n|$)/.test(value));
  return { ...cluster, zone, own: sessionsIn(copiesGiveWay(zone), scopeOf()), copiesLeft };
}

describe('copies of shared sessions in a full zone', () => {
  it('make room for the sessions of a site that has no shared store, the oldest of them first', async () => {
    const { own, now, zone, copiesLeft, nodes } = await crowdedZone(20);
    const before = [...zone.entries.keys()].filter((key) => key.startsWith(sessionEntry('')));
    const session = await own.create(sessionRecord(now()), tokenRecord(), now());
    const found = await own.find(session.secret, now());
    expect(found && (await own.tokens(found))).toEqual(tokenRecord());
    expect(copiesLeft().length).toBeGreaterThan(15);
    expect([zone.get(before[0] as string), zone.get(before[19] as string)]).toEqual([undefined, expect.any(String)]);
    expect(nodes).toBeDefined();
  });

  it('make no room for copies, and a zone without copies is full', async () => {
    const { own, now, copiesLeft, zone, signIn } = await crowdedZone(1);
    expect((await signIn()).record.tokenSet).toBe('');
    await own.create(sessionRecord(now(), { variables: {} }), tokenRecord({ idToken: 'a' }), now()).catch(() => {});
    expect(copiesLeft()).toEqual([]);
    zone.full = true;
    await expect(own.create(sessionRecord(now()), tokenRecord(), now())).rejects.toMatchObject({
      code: 'store_failed',
    });
  });
});
