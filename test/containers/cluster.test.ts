import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { type Agent, createAgent, signIn } from '../support/agent';
import { freePorts } from '../support/free-port';
import { type Compose, startCompose } from './compose';
import { nodeImage, valkeyImage } from './images';
import { engineOf } from './parts';

const [image] = inject('siteImages').slice(-1);
if (!image) throw new Error('there is no image to test');

describe(`docker-compose.cluster.yml with ${image.base}`, () => {
  let compose: Compose;
  let url: string;
  let agent: Agent;

  beforeAll(async () => {
    const [port = 0, provider = 0] = await freePorts(2);
    url = `http://127.0.0.1:${port}`;
    agent = createAgent();
    compose = await startCompose(['docker-compose.cluster.yml'], {
      NODE_IMAGE: nodeImage(),
      NGINX_IMAGE: image.base,
      VALKEY_IMAGE: valkeyImage(),
      SITE_IMAGE: 'oidc-test/compose-site',
      DEMO_IMAGE: 'oidc-test/compose-demo',
      SITE_PORT: String(port),
      PROVIDER_PORT: String(provider),
      PROVIDER_HOST: 'provider.test',
      OIDC_JS_ENGINE: engineOf(image),
    });
    const isUp = async () => (await agent.get(`${url}/_logout`).catch(() => undefined))?.status === 200;
    await vi.waitUntil(isUp, { timeout: 30_000, interval: 200 });
  });
  afterAll(async () => {
    await agent.close();
    await compose?.stop();
  });

  const servedBy = async () => {
    const { status, headers } = await agent.get(`${url}/`);
    return status === 200 ? headers['x-node'] : status;
  };
  const nodes = async (requests: number) => {
    const all = new Set<unknown>();
    for (let request = 0; request < requests; request++) all.add(await servedBy());
    return [...all].sort();
  };

  it('serves somebody who signed in on one node by the other, too, over TLS and with a password', async () => {
    // Provider and application come up after NGINX.
    const arrive = async () => {
      const page = await signIn(agent, `${url}/reports/2026`).catch(() => undefined);
      return [page?.status, page?.url];
    };
    await expect.poll(arrive, { timeout: 30_000 }).toEqual([200, `${url}/reports/2026`]);
    // The balancer leaves out for 2 s who was not up yet.
    await expect.poll(() => nodes(6), { timeout: 20_000 }).toEqual(['node-1', 'node-2']);
    const before = (await compose.run('logs', 'node-1', 'node-2')).length;
    expect(await nodes(6)).toEqual(['node-1', 'node-2']);
    expect((await compose.run('logs', 'node-1', 'node-2')).slice(before)).not.toMatch(/\[(?:error|alert|crit|emerg)\]/);
  });

  it('keeps people signed in when the store starts again, and when a node is killed', async () => {
    await compose.run('kill', 'valkey');
    expect(await nodes(4)).toEqual(['node-1', 'node-2']);
    await compose.run('up', '--detach', 'valkey');
    await compose.run('kill', 'node-1');
    await expect.poll(() => nodes(3), { timeout: 20_000 }).toEqual(['node-2']);
  });
});
