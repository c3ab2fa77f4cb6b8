import { type Run, run } from './load';
import { type BenchSite, type BenchSiteOptions, signedInCookie, startBenchSite } from './site';

/** Worker CPU of a request (µs) where so many machines serve the same person at a time, sessions in a store. */
export interface AtNodes {
  nodes: number;
  cpu: number;
}

/**
 * Machines have cores of their own and share the store alone, so where there is one core for all of their workers, the CPU of a
 * request tells what a machine more adds: as much as the others, if it stays the same.
 */
export async function measureNodes(
  options: BenchSiteOptions & { store: { port: number; freshness: number } },
  counts: number[],
  duration: number,
): Promise<AtNodes[]> {
  const sites: BenchSite[] = [];
  try {
    for (let node = 0; node < Math.max(...counts); node++) sites.push(await startBenchSite(options));
    const Cookie = await signedInCookie(sites[0] as BenchSite);
    const one = (site: BenchSite): Promise<Run> =>
      run({ url: `${site.url}/`, headers: { Cookie }, duration, connections: 16 }, site.worker);
    await Promise.all(sites.map(one)); // every machine has read the session
    const results: AtNodes[] = [];
    for (const nodes of counts) {
      const runs = await Promise.all(sites.slice(0, nodes).map(one));
      const requests = runs.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
      const cpu = runs.reduce((sum, { cpu: each, requestsPerSecond }) => sum + each * requestsPerSecond, 0);
      results.push({ nodes, cpu: cpu / requests });
    }
    return results;
  } finally {
    for (const site of sites) await site.stop();
  }
}
