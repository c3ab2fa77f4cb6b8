import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, createAgent, signIn } from '../support/agent';
import { freePort } from '../support/free-port';
import { waitUntil } from '../support/processes';

const demo = fileURLToPath(new URL('../../demo/cluster.ts', import.meta.url));

describe('npm run start:cluster', () => {
  let child: ChildProcess;
  let said = '';
  let url = '';
  let agent: Agent;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    child = spawn(process.execPath, ['--import', 'tsx', demo, '--port', String(port)]);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        said += chunk;
      });
    }
    agent = createAgent();
    const isUp = () => said.includes('Ctrl-C stops everything') || child.exitCode !== null;
    await waitUntil('the cluster starts', isUp, 50_000);
    expect(said).toContain('Ctrl-C stops everything');
  });
  afterAll(async () => {
    await agent.close();
    child.kill('SIGINT');
    await waitUntil('the cluster ends', () => child.exitCode !== null || child.signalCode !== null);
  });

  /** Which node served a page, to somebody who is signed in. */
  const servedBy = async () => {
    const page = await agent.get(`${url}/`);
    return /id="node">([^<]*)</.exec(page.text)?.[1] ?? `status ${page.status}`;
  };
  const nodes = async (requests: number) => {
    const all = new Set<string>();
    for (let request = 0; request < requests; request++) all.add(await servedBy());
    return [...all].sort();
  };
  const end = (pattern: RegExp) => {
    const pid = Number(pattern.exec(said)?.[1]);
    expect(pid).not.toBe(0);
    process.kill(pid, 'SIGKILL');
  };

  it('leads a new person to a page, which another node serves as well', async () => {
    const page = await signIn(agent, `${url}/`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('alice@example.com');
    expect(await nodes(6)).toEqual(['node 1', 'node 2']);
  });

  it("keeps people signed in when the store's primary is killed, on both nodes, and after the replica took over", async () => {
    end(/Store.*its end: kill -9 (\d+)/);
    expect(await nodes(6)).toEqual(['node 1', 'node 2']);
    await waitUntil('the replica takes over', () => said.includes('took its place'));
    await sleep(6000); // longer than a copy is trusted
    expect(await nodes(6)).toEqual(['node 1', 'node 2']);
    const another = createAgent();
    expect((await signIn(another, `${url}/`, 'bob', 'builder')).text).toContain('bob@example.com');
    await another.close();
  });

  it('keeps people signed in when a node is killed', async () => {
    end(/Node 1.*its end: kill -9 (-\d+)/);
    await waitUntil('the node is gone', () => said.includes('node 1 is gone'));
    await sleep(200);
    expect(await nodes(4)).toEqual(['node 2']);
  });
});
