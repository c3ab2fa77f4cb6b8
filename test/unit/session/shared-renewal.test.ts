import { describe, expect, it, vi } from 'vitest';
import { oidcError } from '../../../src/protocol/errors';
import { performRenewal, type Renewed, renewSession } from '../../../src/session/renewal';
import type { LockOwner, Session, Sessions } from '../../../src/session/sessions';
import { tokenRecord } from '../../support/session-fixture';
import { defaultTrust, sharedNodes } from '../../support/shared-nodes';

/** Machines whose requests all find the tokens of one session expired; time passes when somebody waits. */
async function scene(trust = defaultTrust) {
  const cluster = sharedNodes(3, trust);
  const { nodes, now, pass, signIn } = cluster;
  const { secret } = await signIn();
  for (const node of nodes) await node.find(secret, now());
  pass(301);
  let refreshes = 0;
  const refresh = vi.fn(async (): Promise<Renewed> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return {
      tokens: tokenRecord({ refreshToken: `refresh-token-${++refreshes + 1}` }),
      variables: { jwt_claim_sub: 'renewed' },
      wants: '',
      renewAt: now() + 240,
      expiresAt: now() + 300,
      accessTokenEndsAt: now() + 300,
    };
  });
  const options = {
    failed: vi.fn(),
    clock: now,
    sleep: async (milliseconds: number) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      pass(milliseconds / 1000);
    },
    patience: 40,
    persistence: 40,
    refresh,
  };
  const request = async (node: Sessions) => {
    const found = (await node.find(secret, now())) as Session;
    const start = (owner: LockOwner) => {
      void performRenewal(node, found, owner, options).catch(() => {});
      return undefined;
    };
    return renewSession(node, { ...found, record: { ...found.record } }, { ...options, start });
  };
  return { ...cluster, secret, options, refresh, request };
}

describe('a renewal over many machines', () => {
  it('is one, however many requests on however many machines wait for it', async () => {
    const { nodes, request, refresh } = await scene();
    const results = await Promise.all(Array.from({ length: 30 }, (_, n) => request(nodes[n % 3] as Sessions)));
    expect(refresh).toHaveBeenCalledTimes(1);
    for (const result of results) expect(result?.record.variables).toEqual({ jwt_claim_sub: 'renewed' });
  });

  it('is none where another machine was quicker, although the copy here does not know that', async () => {
    const { nodes, request, refresh } = await scene({ freshness: 400, grace: 400 });
    await request(nodes[0]);
    await request(nodes[1]);
    await request(nodes[2]);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('is none while the store is away, and the session goes on', async () => {
    const { nodes, shared, request, refresh, pass } = await scene();
    pass(-10); // the copies may be believed for 9 s, and the tokens are to be renewed
    shared.trouble = 'unreachable';
    expect((await request(nodes[0]))?.record.variables).toEqual({ jwt_claim_sub: 'alice' });
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is written as soon as the store is back, and until then nobody sends the old refresh token', async () => {
    const { nodes, shared, secret, request, refresh, options, now } = await scene();
    refresh.mockImplementationOnce(async () => {
      shared.trouble = 'unreachable';
      setTimeout(() => {
        shared.trouble = undefined;
      }, 40);
      return {
        tokens: tokenRecord({ refreshToken: 'refresh-token-2' }),
        variables: { jwt_claim_sub: 'renewed' },
        wants: '',
        renewAt: now() + 2400,
        expiresAt: now() + 3000,
        accessTokenEndsAt: now() + 3000,
      };
    });
    await request(nodes[0]);
    expect(options.failed).toHaveBeenCalledWith(expect.objectContaining({ code: 'store_unreachable' }));
    await vi.waitFor(async () => {
      const there = (await nodes[1].latest(secret, now())) as Session;
      expect((await nodes[1].tokens(there))?.refreshToken).toBe('refresh-token-2');
    });
    await request(nodes[1]);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('that a replaced store has never heard of leads to a sign-in', async () => {
    const { nodes, shared, request, refresh, secret, now, pass } = await scene();
    refresh.mockRejectedValueOnce(oidcError('refresh_rejected', 'used before'));
    expect(await request(nodes[0])).toBeUndefined();
    pass(6);
    for (const node of nodes) expect(await node.find(secret, now())).toBeUndefined();
    expect([...shared.values.keys()]).toEqual([]);
  });
});
