import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { startCluster } from '../support/cluster-site';
import { type DpopClient, dpopClient } from '../support/dpop-client';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import type { Site } from '../support/site';
import { type RunningStore, startStore } from '../support/store-server';

const api = `location /api/ {
  auth_request /_oidc_bearer;
  error_page 401 = @do_oidc_flow;
  proxy_pass http://my_backend;
}\n`;

onEachTarget('proofs of keys on machines that share a store', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let store: RunningStore;
  let client: DpopClient;
  let agent: Agent;
  let nodes: Site[];

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    store = await startStore('valkey-8');
    client = await dpopClient();
    agent = createAgent();
    nodes = await startCluster({
      nginx,
      nodes: 2,
      stores: [`127.0.0.1:${store.port}`],
      issuer: provider.issuer,
      application: application.address,
      changes: { alsoSet: { oidc_bearer_audience: 'api' } },
      editServer: (conf) => conf + api,
    });
  });
  afterAll(async () => {
    await agent.close();
    await store.stop();
    await provider.stop();
    await application.stop();
  });

  const boundToken = () => provider.accessToken({ cnf: { jkt: client.jkt } });
  const proofFor = (token: string) => client.proof({ url: `${nodes[0]?.url}/api/x`, token });
  const call = async (node: number, token: string, proof: string) => {
    const headers = { authorization: `DPoP ${token}`, dpop: proof };
    const answer = await agent.xhr(`${nodes[node]?.url}/api/x`, { headers });
    return { status: answer.status, challenge: String(answer.headers['www-authenticate'] ?? ''), body: answer.text };
  };

  it('are good once over all machines, however many come at the same moment', async () => {
    const token = await boundToken();
    for (const first of [0, 1]) {
      const proof = await proofFor(token);
      expect((await call(first, token, proof)).status).toBe(200);
      const again = await call(1 - first, token, proof);
      expect([again.status, again.challenge]).toEqual([401, expect.stringContaining('invalid_dpop_proof')]);
    }
    const proof = await proofFor(token);
    const statuses = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => (await call(i % 2, token, proof)).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(11);
  });

  it('are remembered for as long as they could come again, and by a hash', async () => {
    const token = await boundToken();
    const proof = await client.proof({ url: `${nodes[0]?.url}/api/x`, token }, { jti: 'a-jti-that-must-not-be-seen' });
    expect((await call(0, token, proof)).status).toBe(200);
    const keys = (await store.command('KEYS', '*d:*')) as string[];
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.join()).not.toContain('a-jti');
    const lives = await Promise.all(keys.map(async (key) => Number(await store.command('TTL', key))));
    expect(Math.max(...lives)).toBeGreaterThan(100); // a minute, and the clocks' difference both ways
    expect(Math.max(...lives)).toBeLessThanOrEqual(121);
  });

  it('count for nothing while the store is away, and a token without one is none of its business', async () => {
    const [bound, plain] = [await boundToken(), await provider.accessToken()];
    for (const { nginx: process } of nodes)
      process.expectLog(/store_unreachable|upstream|recv\(\)|connect\(\) failed|no live/);
    await store.kill();
    application.requests.length = 0;
    for (const node of [0, 1]) {
      const { status, challenge, body } = await call(node, bound, await proofFor(bound));
      expect([status, challenge, JSON.parse(body).error]).toEqual([503, '', 'store_unreachable']);
      const headers = { authorization: `Bearer ${plain}` };
      expect((await agent.xhr(`${nodes[node]?.url}/api/x`, { headers })).status).toBe(200);
    }
    const served = application.requests.map(({ headers }) => String(headers.authorization).split(' ')[0]);
    expect(served).toEqual(['Bearer', 'Bearer']);
    await store.start();
    await expect.poll(async () => (await call(0, bound, await proofFor(bound))).status, { timeout: 5000 }).toBe(200);
  });
});
