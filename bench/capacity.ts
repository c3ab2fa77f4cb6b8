import type { Nginx } from '../scripts/nginx/target';
import { storedSession } from './sessions';
import { startBenchSite } from './site';

/** How many sessions of the usual size a zone takes, filled until it refuses. */
export interface Capacity {
  zoneMegabytes: number;
  sessions: number;
  /** of the two records, as the store has them */
  bytes: { session: number; tokens: number };
}

export async function measureCapacity(nginx: Nginx, issuer: string): Promise<Capacity> {
  const site = await startBenchSite({ nginx, issuer, application: '127.0.0.1:1' });
  try {
    const { entries } = await storedSession(issuer);
    const sessions = await site.fill(1_000_000, entries);
    const size = (ofRecord: boolean) =>
      entries.reduce((sum, [key, value]) => sum + (key.startsWith('s:') === ofRecord ? value.length : 0), 0);
    return { zoneMegabytes: 64, sessions, bytes: { session: size(true), tokens: size(false) } };
  } finally {
    await site.stop();
  }
}
