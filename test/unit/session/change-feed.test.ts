import { describe, expect, it } from 'vitest';
import { sessionEntry } from '../../../src/session/record';
import { sharedNodes } from '../../support/shared-nodes';

const longFreshness = { freshness: 300, grace: 300 };

describe('the change feed', () => {
  it('ends the copies of other machines before they are asked about', async () => {
    const { nodes, signIn, now, pass } = sharedNodes(2, longFreshness);
    const [ended, other] = [await signIn(), await signIn()];
    await nodes[1].listen(now());
    for (const { secret } of [ended, other]) expect(await nodes[1].find(secret, now())).toBeDefined();
    await nodes[0].end(ended);
    pass(1);
    await nodes[1].listen(now());
    expect(await nodes[1].find(ended.secret, now())).toBeUndefined();
    expect(await nodes[1].find(other.secret, now())).toBeDefined();
  });

  it('is listened to by one request in a second', async () => {
    const { nodes, now, pass, shared } = sharedNodes(1);
    for (let n = 0; n < 10; n++) await nodes[0].listen(now());
    expect(shared.asked.changes).toBe(1);
    pass(1);
    await nodes[0].listen(now());
    expect(shared.asked.changes).toBe(2);
  });

  it('leaves nothing on a machine that has no copy', async () => {
    const { nodes, signIn, now, pass, zones } = sharedNodes(2);
    await nodes[1].listen(now());
    await nodes[0].end(await signIn());
    pass(1);
    await nodes[1].listen(now());
    expect([...zones[1].entries.keys()].filter((key) => !key.startsWith('feed:'))).toEqual([]);
  });

  it('is no error while the store is away', async () => {
    const { nodes, now, shared } = sharedNodes(1);
    shared.trouble = 'unreachable';
    await nodes[0].listen(now());
  });
});

describe('an end that the store could not be told of', () => {
  it.each(['unreachable', 'full'] as const)('(%s) holds here at once, and everywhere when it can', async (trouble) => {
    const { nodes, signIn, now, pass, shared } = sharedNodes(2, longFreshness);
    const session = await signIn();
    for (const node of nodes.slice(0, 2)) {
      await node.find(session.secret, now());
      await node.listen(now());
    }
    shared.trouble = trouble;
    await expect(nodes[0].end(session)).rejects.toMatchObject({ code: `store_${trouble}` });
    expect(await nodes[0].find(session.secret, now())).toBeUndefined();
    pass(250);
    shared.trouble = undefined;
    expect(await nodes[0].find(session.secret, now())).toBeUndefined();
    expect(shared.values.has(sessionEntry(session.key))).toBe(true);
    await nodes[0].listen(now());
    await nodes[1].listen(now());
    expect(shared.values.has(sessionEntry(session.key))).toBe(false);
    expect(await nodes[1].find(session.secret, now())).toBeUndefined();
    const told = shared.asked.end;
    pass(2);
    await nodes[0].listen(now());
    expect(shared.asked.end).toBe(told);
  });
});

describe('an end that the store has lost, because older data came back', () => {
  it('is told once more by the machine that knows', async () => {
    const { nodes, signIn, now, pass, shared } = sharedNodes(2);
    const session = await signIn();
    await nodes[0].listen(now());
    const restore = shared.snapshot();
    await nodes[0].end(session);
    restore();
    pass(1);
    expect(await nodes[1].find(session.secret, now()), 'nobody else knows').toBeDefined();
    await nodes[0].listen(now());
    pass(6);
    expect(await nodes[1].find(session.secret, now())).toBeUndefined();
    pass(300);
    expect(await nodes[0].find(session.secret, now())).toBeUndefined();
  });
});
