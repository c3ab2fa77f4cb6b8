import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Agent, createAgent, signIn } from '../support/agent';
import { freePorts } from '../support/free-port';
import {
  type PrivateNetwork,
  plainContainer,
  shippedFiles,
  startApplicationPart,
  startNetwork,
  startProviderPart,
} from './parts';

describe.each(inject('siteImages'))('the shipped files mounted into $base', (image) => {
  let on: PrivateNetwork;
  let folder: string;
  let ports: number[];
  let provider: StartedTestContainer;
  let agent: Agent;
  const nodes: StartedTestContainer[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nodes-'));
    chmodSync(folder, 0o755);
    const [providerPort = 0, ...sitePorts] = await freePorts(3);
    ports = sitePorts;
    on = await startNetwork();
    const started = await startProviderPart(on, providerPort, [url(0)]);
    provider = started.container;
    await startApplicationPart(on);
    for (const port of ports) {
      const mounts = join(folder, String(port));
      mkdirSync(mounts);
      for (const [name, text] of Object.entries(shippedFiles(image, started.issuer, port, url(0)))) {
        writeFileSync(join(mounts, name), text);
      }
      nodes.push(
        await plainContainer(on, image, port, [{ source: mounts, target: '/etc/nginx/conf.d', mode: 'ro' }]).start(),
      );
    }
    on.started.push(...nodes);
  });
  afterAll(async () => {
    await on.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    agent = createAgent();
  });
  afterEach(() => agent.close());

  const url = (node = 0) => `http://site.test:${ports[node]}`;
  const status = async (node: number) => (await agent.xhr(`${url(node)}/api/whoami`)).status;

  it('a person signs in at a provider that NGINX finds by its name in container DNS', async () => {
    const page = await signIn(agent, `${url()}/reports/2026?team=blue`);
    expect(page.status).toBe(200);
    expect(page.url).toBe(`${url()}/reports/2026?team=blue`);
    const who = await agent.xhr(`${url()}/api/whoami`);
    expect(who.json()).toMatchObject({ username: 'alice' });
  });

  it('cut off from the provider: who is signed in stays so, who comes back from it sees why; then all is well again', async () => {
    await signIn(agent, `${url()}/`);
    const callback = await codeFor(agent, `${url(1)}/`);
    const network = (await getContainerRuntimeClient()).network.getById(on.network.getId());
    await network.disconnect({ Container: provider.getId() });
    try {
      expect(await status(0)).toBe(200);
      const cut = await agent.get(callback.replace(url(0), url(1)));
      expect([502, 504]).toContain(cut.status);
      expect(cut.text).toContain('Signing in is not possible right now');
      expect(await status(0)).toBe(200);
    } finally {
      await network.connect({ Container: provider.getId(), EndpointConfig: { Aliases: ['provider.test'] } });
    }
    await expect.poll(async () => (await agent.get(callback.replace(url(0), url(1)))).status).not.toBe(504);
    const other = createAgent();
    await expect.poll(async () => (await signIn(other, `${url(0)}/`)).status, { timeout: 15_000 }).toBe(200);
    await other.close();
  });

  it('a session counts on the node that made it', async () => {
    await signIn(agent, `${url(0)}/`);
    expect([await status(0), await status(1)]).toEqual([200, 401]);
  });

  it('a sign-in that began on one node ends on the other', async () => {
    await signIn(agent, `${url(0)}/`);
    const callback = await codeFor(agent, `${url(1)}/reports/2026`);
    expect(callback).toContain(url(0));
    const end = await agent.get(callback);
    expect(end.status).toBe(302);
    expect(String(end.headers.location)).toContain('/reports/2026');
    expect(await status(0)).toBe(200);
  });
});

/** Goes to a page as somebody whom the provider knows; where the provider sends the browser then. */
async function codeFor(agent: Agent, page: string): Promise<string> {
  for (let at = page, steps = 0; steps < 6; steps++) {
    const { headers } = await agent.get(at);
    at = new URL(String(headers.location), at).href;
    if (at.includes('/_codexch?')) return at;
  }
  throw new Error('the provider gave no code');
}
