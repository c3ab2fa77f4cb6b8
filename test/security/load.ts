import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import type { NginxProcess } from '../support/nginx';

export interface LoadRequest {
  path: string;
  method?: string;
  headers?: Record<string, string>;
}

/** Sends `count` requests over `connections` connections; how often each status came. */
export async function load(
  origin: string,
  count: number,
  request: (index: number) => LoadRequest,
  connections = 32,
): Promise<Record<number, number>> {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const statuses: Record<number, number> = {};
  let next = 0;
  const client = async () => {
    while (next < count) {
      const { path, method = 'GET', headers = {} } = request(next++);
      const { statusCode, body } = await pool.request({ path, method: method as 'GET', headers });
      await body.dump({ limit: 1 << 24 });
      statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  await pool.close();
  return statuses;
}

/** CPU time that the workers have used so far, milliseconds. */
export function cpuTime(nginx: NginxProcess): number {
  const ticks = nginx.workers().map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, one) => sum + one, 0) * 10;
}
