import { describe, expect, it } from 'vitest';
import { endedEntry, lockEntry, sessionEntry } from '../../../src/session/record';
import { type Session, sessionsIn } from '../../../src/session/sessions';
import { hmacKey, scopeOf, sessionRecord, tokenRecord } from '../../support/session-fixture';
import { sharedNodes } from '../../support/shared-nodes';

const copy = (session: Session): Session => ({ ...session, record: { ...session.record } });

describe('sessions that many machines share', () => {
  it('are found on every machine by the secret that only the browser has, with claims and tokens', async () => {
    const { nodes, signIn, now } = sharedNodes(3);
    const { secret } = await signIn();
    for (const node of nodes) {
      const found = (await node.find(secret, now())) as Session;
      expect(found.record.variables).toEqual({ jwt_claim_sub: 'alice' });
      expect(await node.tokens(found)).toEqual(tokenRecord());
    }
  });

  it('have all of their tokens everywhere, and the key that those are bound to', async () => {
    const { nodes, now } = sharedNodes(2);
    const tokens = tokenRecord({ besideIdToken: '{"level":3}', dpopKey: 'a-private-key' });
    const { secret } = await nodes[0].create(sessionRecord(now()), tokens, now());
    const found = (await nodes[1].find(secret, now())) as Session;
    expect(await nodes[1].tokens(found)).toEqual(tokens);
  });

  it('leave nothing in the store that names anybody or could be used: no secret, no claim, no token', async () => {
    const { shared, signIn } = sharedNodes(1);
    const { secret } = await signIn();
    const dump = JSON.stringify([...shared.values, ...shared.indexes]);
    for (const text of [secret, 'alice', 'jwt_claim', 'id-token-1', 'access-token-1', 'refresh-token-1', hmacKey]) {
      expect(dump).not.toContain(text);
    }
  });

  it('are asked for once in the time that a copy is trusted for, and not with each request', async () => {
    const { shared, nodes, signIn, now, pass } = sharedNodes(2);
    const { secret } = await signIn();
    await nodes[1].find(secret, now());
    const before = { ...shared.asked };
    for (let second = 0; second < 5; second++, pass(1)) expect(await nodes[1].find(secret, now())).toBeDefined();
    expect(shared.asked).toEqual(before);
    expect(await nodes[1].find(secret, now())).toBeDefined();
    expect(shared.asked).toEqual({ ...before, version: (before.version ?? 0) + 1 });
  });

  it('are asked for with each request where no copy is trusted', async () => {
    const { shared, nodes, signIn, now } = sharedNodes(2, { freshness: 0, grace: 300 });
    const { secret } = await signIn();
    for (let n = 0; n < 3; n++) expect(await nodes[1].find(secret, now())).toBeDefined();
    expect([shared.asked.read, shared.asked.version]).toEqual([1, 2]);
    await nodes[0].end({ key: (await signIn()).key });
  });

  it('that end on one machine end on all of them within that time, and stay ended', async () => {
    const { nodes, signIn, now, pass } = sharedNodes(3);
    const session = await signIn();
    for (const node of nodes) expect(await node.find(session.secret, now())).toBeDefined();
    await nodes[2].end(session);
    expect(await nodes[2].find(session.secret, now())).toBeUndefined();
    pass(5);
    for (const node of nodes) expect(await node.find(session.secret, now())).toBeUndefined();
    pass(200); // the tombstones are gone
    for (const node of nodes) expect(await node.find(session.secret, now())).toBeUndefined();
  });

  it('that end at once end on all machines at once where no copy is trusted', async () => {
    const { nodes, signIn, now } = sharedNodes(2, { freshness: 0, grace: 300 });
    const session = await signIn();
    expect(await nodes[1].find(session.secret, now())).toBeDefined();
    await nodes[0].end(session);
    expect(await nodes[1].find(session.secret, now())).toBeUndefined();
  });

  it('that end while a machine reads them are not let in by its copy', async () => {
    const { shared, nodes, signIn, now, nodeOver, zones } = sharedNodes(2);
    const session = await signIn();
    let node = nodes[1];
    const slow = {
      ...shared,
      read: async (key: string) => {
        const value = await shared.read(key);
        await node.end(session); // another worker of the same machine
        return value;
      },
    };
    node = nodeOver(slow, zones[1]);
    await node.find(session.secret, now());
    expect(zones[1].get(sessionEntry(session.key))).toBeUndefined();
    expect(await node.find(session.secret, now())).toBeUndefined();
    expect([...zones[1].entries.keys()]).toEqual([endedEntry(session.key)]);
  });

  it('live as long as they are in use on any machine, and end when they are idle on all of them', async () => {
    const { nodes, signIn, now, pass } = sharedNodes(2);
    const { secret } = await signIn({ renewAt: 0, expiresAt: 0 });
    for (let quarter = 0; quarter < 10; quarter++) {
      const node = nodes[quarter % 2] as (typeof nodes)[0];
      pass(quarter === 3 ? 3500 : 900);
      const found = await node.find(secret, now());
      expect(found, `quarter ${quarter}`).toBeDefined();
      if (found) await node.touch(found, now());
    }
    pass(3600);
    for (const node of nodes) expect(await node.find(secret, now())).toBeUndefined();
  });

  it('note their use in the shared store once in a tenth of the idle time', async () => {
    const { shared, nodes, signIn, now, pass } = sharedNodes(1);
    const { secret } = await signIn({ renewAt: 0, expiresAt: 0 });
    for (let minute = 0; minute < 60; minute++, pass(60)) {
      const found = (await nodes[0].find(secret, now())) as Session;
      await nodes[0].touch(found, now());
    }
    expect(shared.asked.prolong).toBeGreaterThan(8);
    expect(shared.asked.prolong).toBeLessThan(12); // a copy that is made anew does not know when that was
  });

  it('end absolutely, however busy they are', async () => {
    const { nodes, signIn, now, pass } = sharedNodes(2);
    const { secret } = await signIn({ endsAt: now() + 7200, renewAt: 0, expiresAt: 0 });
    for (let minute = 0; minute < 120; minute++, pass(60)) {
      const found = (await nodes[1].find(secret, now())) as Session;
      expect(found, `minute ${minute}`).toBeDefined();
      await nodes[1].touch(found, now());
    }
    expect(await nodes[1].find(secret, now())).toBeUndefined();
  });

  it('that a newer sign-in replaced go on for requests under way, then end', async () => {
    const { nodes, signIn, now, pass } = sharedNodes(2);
    const session = await signIn({ wants: 'a' });
    await nodes[1].retire(session, now());
    pass(5);
    const found = (await nodes[0].find(session.secret, now())) as Session;
    expect(found).toBeDefined();
    expect(await nodes[0].tokens(found)).toBeUndefined();
    pass(25);
    for (const node of nodes) expect(await node.find(session.secret, now())).toBeUndefined();
  });

  it('cost a machine with a full zone questions, and nobody the sign-in', async () => {
    const { zones, nodes, signIn, now } = sharedNodes(1);
    zones[0].full = true;
    const { secret } = await signIn();
    const found = (await nodes[0].find(secret, now())) as Session;
    expect(await nodes[0].tokens(found)).toEqual(tokenRecord());
  });

  it('are not those that this machine has had for itself, nor the other way round', async () => {
    const { zones, nodes, signIn, now } = sharedNodes(1);
    const alone = sessionsIn(zones[0], scopeOf());
    const own = await alone.create(sessionRecord(now()), tokenRecord(), now());
    expect(await nodes[0].find(own.secret, now())).toBeUndefined();
    expect(zones[0].get(sessionEntry(own.key)), 'nor may the gate find it').toBeUndefined();
    const shared = await signIn();
    expect(await alone.find(shared.secret, now())).toBeUndefined();
  });
});

describe('what a renewal brought', () => {
  it('is found on every machine, and no half of it', async () => {
    const { nodes, signIn, now, pass } = sharedNodes(2);
    const session = await signIn();
    const elsewhere = (await nodes[1].find(session.secret, now())) as Session;
    const owner = (await nodes[1].lock(elsewhere, 60)) as string;
    elsewhere.record.variables = { jwt_claim_sub: 'alice', oidc_claim_name: 'Alice' };
    expect(await nodes[1].update(elsewhere, tokenRecord({ refreshToken: 'second' }), now(), owner)).toBe(true);
    const latest = (await nodes[0].latest(session.secret, now())) as Session;
    expect(latest.record.variables.oidc_claim_name).toBe('Alice');
    expect((await nodes[0].tokens(latest))?.refreshToken).toBe('second');
    pass(5);
    expect((await nodes[0].find(session.secret, now()))?.record.variables.oidc_claim_name).toBe('Alice');
  });

  it('is not written by whoever has the lock no more', async () => {
    const { nodes, signIn, now, pass } = sharedNodes(2);
    const session = await signIn();
    const [late, quick] = [copy(session), (await nodes[1].find(session.secret, now())) as Session];
    const lost = (await nodes[0].lock(late, 10)) as string;
    pass(10);
    const owner = (await nodes[1].lock(quick, 60)) as string;
    expect(await nodes[0].update(late, tokenRecord({ refreshToken: 'late' }), now(), lost)).toBe(false);
    await nodes[0].unlock(late, lost);
    expect(await nodes[1].isLocked(quick)).toBe(true);
    expect(await nodes[1].update(quick, tokenRecord({ refreshToken: 'quick' }), now(), owner)).toBe(true);
    expect(await nodes[0].update(late, tokenRecord({ refreshToken: 'later' }), now(), lost)).toBe(false);
    const latest = (await nodes[0].latest(session.secret, now())) as Session;
    expect((await nodes[0].tokens(latest))?.refreshToken).toBe('quick');
  });

  it('does not bring back a session that another machine ended meanwhile', async () => {
    const { nodes, signIn, now, shared } = sharedNodes(2);
    const session = await signIn();
    const owner = (await nodes[0].lock(session, 60)) as string;
    await nodes[1].end(session);
    expect(await nodes[0].update(session, tokenRecord({ refreshToken: 'second' }), now(), owner)).toBe(false);
    for (const node of nodes.slice(0, 2)) expect(await node.find(session.secret, now())).toBeUndefined();
    shared.tombstones.clear();
    expect(await nodes[0].update(session, tokenRecord({ refreshToken: 'second' }), now(), owner)).toBe(false);
    expect(await nodes[1].find(session.secret, now() + 300)).toBeUndefined();
  });

  it('keeps the short life of a session that a newer sign-in replaced meanwhile', async () => {
    const { nodes, signIn, now } = sharedNodes(2);
    const session = await signIn();
    const owner = (await nodes[0].lock(session, 60)) as string;
    await nodes[1].retire(copy(session), now());
    await nodes[0].update(session, tokenRecord({ refreshToken: 'second' }), now(), owner);
    expect(await nodes[1].find(session.secret, now() + 30)).toBeUndefined();
  });

  it('counts as written when only the answer was lost', async () => {
    const { nodes, signIn, now, shared } = sharedNodes(2);
    const session = await signIn();
    const owner = (await nodes[0].lock(session, 60)) as string;
    shared.trouble = 'answers lost';
    const second = tokenRecord({ refreshToken: 'second' });
    await expect(nodes[0].update(session, second, now(), owner)).rejects.toMatchObject({ code: 'store_unreachable' });
    shared.trouble = undefined;
    expect(await nodes[0].update(session, second, now(), owner)).toBe(true);
    const latest = (await nodes[1].latest(session.secret, now())) as Session;
    expect((await nodes[1].tokens(latest))?.refreshToken).toBe('second');
  });

  it('goes on here while the store is away, and there as soon as it is back', async () => {
    const { nodes, signIn, now, shared, pass } = sharedNodes(2);
    const session = await signIn();
    const owner = (await nodes[0].lock(session, 60)) as string;
    shared.trouble = 'unreachable';
    const second = tokenRecord({ refreshToken: 'second' });
    await expect(nodes[0].update(session, second, now(), owner)).rejects.toMatchObject({ code: 'store_unreachable' });
    pass(10);
    const here = (await nodes[0].find(session.secret, now())) as Session;
    expect((await nodes[0].tokens(here))?.refreshToken).toBe('second');
    shared.trouble = undefined;
    pass(1);
    await nodes[0].find(session.secret, now());
    const there = (await nodes[1].latest(session.secret, now())) as Session;
    expect((await nodes[1].tokens(there))?.refreshToken).toBe('second');
  });
});

describe('while the shared store is away', () => {
  it.each(['unreachable', 'refused'] as const)('(%s) who has a copy goes on for the time of grace', async (trouble) => {
    const { nodes, signIn, now, shared, pass } = sharedNodes(2);
    const { secret } = await signIn({ renewAt: 0, expiresAt: 0 });
    await nodes[1].find(secret, now());
    shared.trouble = trouble;
    pass(5);
    for (let second = 5; second < 300; second += 5, pass(5)) {
      expect(await nodes[1].find(secret, now()), `second ${second}`).toBeDefined();
    }
    await expect(nodes[1].find(secret, now())).rejects.toMatchObject({ code: `store_${trouble}` });
    shared.trouble = undefined;
    expect(await nodes[1].find(secret, now())).toBeDefined();
  });

  it('a copy is not asked about again for a second', async () => {
    const { nodes, signIn, now, shared, pass } = sharedNodes(1);
    const { secret } = await signIn();
    shared.trouble = 'unreachable';
    pass(5);
    await nodes[0].find(secret, now());
    const asked = shared.asked.version;
    for (let n = 0; n < 10; n++) await nodes[0].find(secret, now());
    expect(shared.asked.version).toBe(asked);
  });

  it('who has no copy is told so, and is not taken for a stranger', async () => {
    const { nodes, signIn, now, shared } = sharedNodes(2);
    const { secret } = await signIn();
    shared.trouble = 'unreachable';
    await expect(nodes[1].find(secret, now())).rejects.toMatchObject({ code: 'store_unreachable' });
  });

  it('nobody goes on by a copy beyond the idle time and the absolute end', async () => {
    const { nodes, signIn, now, shared, pass } = sharedNodes(1);
    const idle = await signIn({ idleTimeout: 60 });
    const over = await signIn({ endsAt: now() + 60 });
    shared.trouble = 'unreachable';
    pass(60);
    for (const { secret } of [idle, over]) await expect(nodes[0].find(secret, now())).rejects.toThrow();
  });

  it.each(['unreachable', 'full'] as const)('(%s) nobody signs in, and nobody renews', async (trouble) => {
    const { nodes, signIn, shared } = sharedNodes(1);
    const session = await signIn();
    shared.trouble = trouble;
    await expect(signIn()).rejects.toMatchObject({ code: `store_${trouble}` });
    await expect(nodes[0].lock(session, 60)).rejects.toMatchObject({ code: `store_${trouble}` });
  });

  it('what was lost is a new sign-in', async () => {
    const { nodes, signIn, now, shared, pass } = sharedNodes(1);
    const { secret } = await signIn();
    shared.flush();
    pass(5);
    expect(await nodes[0].find(secret, now())).toBeUndefined();
  });
});

describe('older data that comes back', () => {
  it('gives way to the newer copy of a machine', async () => {
    const { nodes, signIn, now, shared, pass } = sharedNodes(2);
    const session = await signIn();
    const restore = shared.snapshot();
    const owner = (await nodes[0].lock(session, 60)) as string;
    await nodes[0].update(session, tokenRecord({ refreshToken: 'second' }), now(), owner);
    restore();
    pass(5);
    const here = (await nodes[0].find(session.secret, now())) as Session;
    expect((await nodes[0].tokens(here))?.refreshToken).toBe('second');
    const there = (await nodes[1].find(session.secret, now())) as Session;
    expect((await nodes[1].tokens(there))?.refreshToken).toBe('second');
  });

  it('brings back no session where its end was heard of', async () => {
    const { nodes, signIn, now, shared, pass } = sharedNodes(2);
    const session = await signIn();
    const restore = shared.snapshot();
    await nodes[0].end(session);
    restore();
    pass(60);
    expect(await nodes[0].find(session.secret, now())).toBeUndefined();
  });
});

describe('a store that somebody else writes to', () => {
  it.each<[string, (own: string, other: string) => string]>([
    ["another session's value", (_own, other) => other],
    ['a value that is cut', (own) => own.slice(0, -1)],
    ['half a value', (own) => own.slice(0, own.length / 2)],
    ['an empty value', () => ''],
    ['a value with a letter more', (own) => `${own}A`],
    ['a value with another letter', (own) => (own[40] === 'A' ? 'B' : 'A') + own.slice(1)],
    ['plain text', () => 'UNTIL 9999999999'],
  ])('opens nothing by %s', async (_name, change) => {
    const { nodes, signIn, now, shared } = sharedNodes(2);
    const [alice, mallory] = [await signIn(), await signIn({ variables: { jwt_claim_sub: 'mallory' } })];
    const value = (session: Session) => shared.values.get(sessionEntry(session.key)) as { value: string };
    value(alice).value = change(value(alice).value, value(mallory).value);
    expect(await nodes[1].find(alice.secret, now())).toBeUndefined();
    expect((await nodes[1].find(mallory.secret, now()))?.record.variables).toEqual({ jwt_claim_sub: 'mallory' });
  });

  it('gives nobody a session by a guessed key: what opens it is the cookie', async () => {
    const { nodes, signIn, now } = sharedNodes(1);
    const { key } = await signIn();
    expect(await nodes[0].find(key, now())).toBeUndefined();
  });

  it('gives no lock back that is not its own', async () => {
    const { nodes, signIn, shared } = sharedNodes(2);
    const session = await signIn();
    await nodes[0].lock(session, 60);
    await nodes[1].unlock(session, 'guessed');
    expect(shared.locks.has(lockEntry(session.key))).toBe(true);
  });
});
