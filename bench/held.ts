import { Agent, type ClientRequest, createServer, request } from 'node:http';
import { listen, stopServer } from '../demo/listen';
import type { Nginx } from '../scripts/nginx/target';
import { cpuTime, residentMemory } from './load';
import { type BenchSite, signedInCookie, startBenchSite } from './site';

/** So many requests open at once in one worker: memory (KB) and worker CPU to make (µs) of each. */
export interface Held {
  open: number;
  /** of the location without authentication */
  plain: { memory: number; cpu: number };
  gate: { memory: number; cpu: number };
}

const atOnce = 100;

/** An application that answers the beginning and never the end, as server-sent events do. */
export async function measureHeld(nginx: Nginx, issuer: string, counts: number[]): Promise<Held[]> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: x\n\n');
  });
  const application = new URL(await listen(server, 0)).host;
  try {
    const results: Held[] = [];
    for (const open of counts) {
      const hold = async (path: string) => {
        const site = await startBenchSite({ nginx, issuer, application, connections: 4 * open + 1000 });
        try {
          return await holdOpen(site, path, open);
        } finally {
          await site.stop();
        }
      };
      results.push({ open, plain: await hold('/open'), gate: await hold('/') });
    }
    return results;
  } finally {
    await stopServer(server);
  }
}

async function holdOpen(site: BenchSite, path: string, count: number): Promise<{ memory: number; cpu: number }> {
  const cookie = await signedInCookie(site, '/signed-in');
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
  const requests: ClientRequest[] = [];
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request(site.url + path, { agent, headers: { cookie } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`));
        response.once('data', () => resolve());
      });
      sent.once('error', reject);
      sent.end();
      requests.push(sent);
    });
  const batch = async (size: number) => {
    await Promise.all(Array.from({ length: size }, one));
  };
  try {
    await batch(20); // what a worker allocates once
    const before = { memory: residentMemory(site.worker), cpu: cpuTime(site.worker) };
    for (let made = 0; made < count; made += atOnce) await batch(Math.min(atOnce, count - made));
    return {
      memory: (residentMemory(site.worker) - before.memory) / count,
      cpu: (cpuTime(site.worker) - before.cpu) / count,
    };
  } finally {
    for (const sent of requests) sent.on('error', () => {}).destroy();
  }
}
