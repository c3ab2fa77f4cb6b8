import { createServer } from 'node:net';

const firstPort = 12_000;
const portsPerWorker = 1000;
const workerRanges = 20;

let next = Math.floor(Math.random() * portsPerWorker);
const given = new Set<number>();

/**
 * A TCP port that nobody listens on. Each vitest worker has a range of its own, below the ports that the kernel gives
 * to outgoing connections and clear of those that browsers refuse; no port is given twice in a process.
 */
export async function freePort(): Promise<number> {
  const range = Number(process.env.VITEST_POOL_ID ?? process.pid) % workerRanges;
  for (let attempt = 0; attempt < portsPerWorker; attempt++) {
    const port = firstPort + range * portsPerWorker + (next++ % portsPerWorker);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
  throw new Error(`no free port among ${portsPerWorker}`);
}

export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
