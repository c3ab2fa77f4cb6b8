import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { startCluster } from '../support/cluster-site';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import type { Site } from '../support/site';
import { type RunningStore, startStore } from '../support/store-server';

/** What NGINX itself says while the store is away, and our own line. */
const expected =
  /store_(?:unreachable|refused|full)|connect\(\) failed|upstream|no live upstreams|timed out|provider_unreachable/;

onEachTarget('two machines whose store is in trouble', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let store: RunningStore;
  let nodes: Site[];
  let agent: Agent;

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    store = await startStore('valkey-8');
    nodes = await startCluster({
      nginx,
      nodes: 2,
      stores: [`127.0.0.1:${store.port}`],
      store: { oidc_store_freshness: '1', oidc_store_grace: '10' },
      issuer: provider.issuer,
      application: application.address,
    });
  });
  afterAll(async () => {
    await store.stop();
    await provider.stop();
    await application.stop();
  });
  beforeEach(async () => {
    provider.reset();
    for (const { nginx } of nodes) nginx.expectLog(expected);
    logged = nodes.map(() => 0).map((_, at) => outages(at));
    agent = createAgent();
  });
  afterEach(() => agent.close());

  let logged: number[] = [];
  const outages = (at: number) =>
    (nodes[at] as Site).nginx
      .errorLog()
      .split('\n')
      .filter((line) => /\[error\].*oidc: store_/.test(line)).length;
  const url = (at: number) => (nodes[at] as Site).url;

  /** Signed in, with a copy on both machines. */
  async function signedIn(): Promise<Agent> {
    expect((await agent.navigate(`${url(0)}/`)).status).toBe(200);
    expect((await agent.xhr(`${url(1)}/`)).status).toBe(200);
    return agent;
  }

  async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; took: number }> {
    const began = Date.now();
    const answer = await work();
    return { answer, took: Date.now() - began };
  }

  const troubles: [string, () => unknown, () => unknown][] = [
    ['is killed', () => store.kill(), () => store.start()],
    ['is frozen', () => store.freeze(), () => store.thaw()],
    [
      'refuses our commands',
      () => store.command('ACL', 'SETUSER', 'default', '-get', '-eval', '-evalsha', '-set', '-exists'),
      () => store.command('ACL', 'SETUSER', 'default', '+@all'),
    ],
  ];

  describe.each(troubles)('that %s', (_name, begin, end) => {
    it('who is signed in goes on, nobody new signs in, and afterwards all is as before', async () => {
      await signedIn();
      await begin();
      try {
        await sleep(1100);
        for (let round = 0; round < 2; round++) {
          for (const at of [0, 1]) {
            const { answer, took } = await timed(() => agent.xhr(`${url(at)}/`));
            expect([answer.status, took < 1900]).toEqual([200, true]);
          }
          await sleep(300);
        }
        const stranger = createAgent();
        const { answer: page, took } = await timed(() => stranger.navigate(`${url(0)}/`));
        expect([page.status, took < 3000]).toEqual([503, true]);
        expect(page.text).toContain('Please try again in a minute');
        const other = createAgent({ cookie: `auth_token=${'A'.repeat(43)}` });
        const asked = await Promise.all(Array.from({ length: 20 }, () => other.xhr(`${url(1)}/`)));
        expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 503));
        expect(outages(1) - (logged[1] as number)).toBe(1);
      } finally {
        await end();
        await sleep(1500);
      }
      for (const at of [0, 1]) expect((await agent.xhr(`${url(at)}/`)).status).toBe(200);
      expect((await createAgent().navigate(`${url(1)}/`)).status).toBe(200);
      expect((await agent.xhr(`${url(1)}/`)).status).toBe(200);
    });
  });

  it('that is killed for longer than the grace leads to an error page, not to a sign-in', async () => {
    await signedIn();
    await store.kill();
    try {
      await sleep(11_500);
      const page = await agent.get(`${url(0)}/`);
      expect(page.status).toBe(503);
      expect((await agent.xhr(`${url(1)}/`)).status).toBe(503);
    } finally {
      await store.start();
      await sleep(1500);
    }
    for (const at of [0, 1]) expect((await agent.xhr(`${url(at)}/`)).status).toBe(200);
  });

  it('renewals wait, and none is made while nobody can say who makes it', async () => {
    provider.does.expiresIn = 2;
    await signedIn();
    await store.kill();
    const before = provider.grants('refresh_token').length;
    try {
      await sleep(2500);
      for (const at of [0, 1, 0, 1]) expect((await agent.xhr(`${url(at)}/`)).status).toBe(200);
      expect(provider.grants('refresh_token')).toHaveLength(before);
    } finally {
      provider.does.expiresIn = 300;
      await store.start();
      await sleep(1500);
    }
    const answers = await Promise.all([0, 1, 0, 1].map((at) => agent.xhr(`${url(at)}/`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(provider.grants('refresh_token')).toHaveLength(before + 1);
  });

  it('that dies during a renewal gets what it brought afterwards, and the old refresh token is not used again', async () => {
    provider.does.expiresIn = 1;
    await signedIn();
    await sleep(1100);
    provider.does.expiresIn = 300;
    provider.does.delays['/token'] = 700;
    const slow = agent.xhr(`${url(0)}/`);
    await sleep(300);
    await store.kill();
    await slow.catch(() => undefined);
    await sleep(1000);
    await store.start();
    provider.does.delays = {};
    await sleep(2500);
    const answers = await Promise.all([1, 0].map((at) => agent.xhr(`${url(at)}/`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const used = provider.grants('refresh_token').map(({ form }) => form.get('refresh_token'));
    expect(new Set(used).size).toBe(used.length);
  });

  it('that was flushed leads to a new sign-in, and to nothing else', async () => {
    await signedIn();
    await store.command('FLUSHALL');
    await sleep(1200);
    for (const at of [0, 1]) expect((await agent.xhr(`${url(at)}/`)).status).toBe(401);
    expect((await agent.navigate(`${url(1)}/`)).status).toBe(200);
  });

  it.each<[string, string[][], string[][]]>([
    ['is full', [['CONFIG', 'SET', 'maxmemory', '1']], [['CONFIG', 'SET', 'maxmemory', '0']]],
    ['takes no writes, as a replica', [['REPLICAOF', '127.0.0.1', '1']], [['REPLICAOF', 'NO', 'ONE']]],
  ])('that %s lets nobody new in, keeps who is there, and ends who signs out', async (_name, begin, end) => {
    await signedIn();
    for (const command of begin) await store.command(...command);
    try {
      await sleep(1200);
      for (const at of [0, 1]) expect((await agent.xhr(`${url(at)}/`)).status).toBe(200);
      expect((await createAgent().navigate(`${url(0)}/`)).status).toBe(503);
      const thief = createAgent({ cookie: await agent.jar.getCookieString(url(0)) });
      await agent.get(`${url(0)}/logout`);
      expect((await thief.xhr(`${url(0)}/`)).status).toBe(401);
    } finally {
      for (const command of end) await store.command(...command);
      await sleep(1500);
    }
    expect((await createAgent().navigate(`${url(1)}/`)).status).toBe(200);
  });
});
