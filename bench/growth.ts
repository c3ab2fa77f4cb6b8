import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Nginx } from '../scripts/nginx/target';
import { type Load, median, type Run, run } from './load';
import { type StoredSession, storedSession } from './sessions';
import { type BenchSite, startBenchSite } from './site';

/** What the gate adds (µs of CPU) at one size of something. */
export interface Growth {
  size: number;
  /** the same person again and again */
  one: number;
  /** a thousand people by turns */
  many: number;
}

export interface GrowthOptions {
  nginx: Nginx;
  issuer: string;
  application: string;
  repeats: number;
  duration: number;
}

/** With so many sessions in the store; the zone is as large as it takes. */
export async function measureSessions(options: GrowthOptions, counts: number[]): Promise<Growth[]> {
  const sites: BenchSite[] = [];
  const people = await thousand(options.issuer);
  try {
    for (const count of counts) {
      const site = await startBenchSite({ ...options, zone: `${Math.ceil(32 + count / 900)}m` });
      sites.push(site);
      const session = people[0] as StoredSession;
      const [record] = session.entries.filter(([key]) => key.startsWith('s:'));
      await site.fill(count - people.length, record ? [record] : []);
      await seed(site, people);
    }
    return await measure(options, sites, counts, () => people);
  } finally {
    for (const site of sites) await site.stop();
  }
}

/** With tokens of so many bytes in all, in a store of a thousand sessions. */
export async function measureTokenSizes(options: GrowthOptions, sizes: number[]): Promise<Growth[]> {
  const sites: BenchSite[] = [];
  const people: StoredSession[][] = [];
  try {
    for (const size of sizes) {
      const each = Math.round(size / 3);
      const site = await startBenchSite({ ...options });
      sites.push(site);
      const stored = await thousand(options.issuer, each);
      people.push(stored);
      await seed(site, stored);
    }
    return await measure(options, sites, sizes, (index) => people[index] ?? []);
  } finally {
    for (const site of sites) await site.stop();
  }
}

async function measure(
  { repeats, duration }: GrowthOptions,
  sites: BenchSite[],
  sizes: number[],
  peopleOf: (index: number) => StoredSession[],
): Promise<Growth[]> {
  const added = sizes.map(() => ({ one: [] as number[], many: [] as number[] }));
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [index, site] of sites.entries()) {
      const people = peopleOf(index);
      const one = { Cookie: people[0]?.cookie ?? '' };
      const script = cookieScript(site, people);
      const of = (path: string, load: Partial<Load>): Promise<Run> =>
        run({ url: site.url + path, duration, ...load }, site.worker);
      const base = await of('/open', { headers: one });
      added[index]?.one.push((await of('/', { headers: one })).cpu - base.cpu);
      const manyBase = await of('/open', { script });
      added[index]?.many.push((await of('/', { script })).cpu - manyBase.cpu);
    }
  }
  return sizes.map((size, index) => ({
    size,
    one: median(added[index]?.one ?? []),
    many: median(added[index]?.many ?? []),
  }));
}

async function thousand(issuer: string, each?: number): Promise<StoredSession[]> {
  const sizes = each === undefined ? undefined : { idToken: each, accessToken: each, refreshToken: each };
  const people: StoredSession[] = [];
  for (let i = 0; i < 1000; i++) people.push(await storedSession(issuer, sizes));
  return people;
}

async function seed(site: BenchSite, people: StoredSession[]): Promise<void> {
  for (let at = 0; at < people.length; at += 100) {
    await site.seed(people.slice(at, at + 100).flatMap(({ entries }) => entries));
  }
}

/** A wrk script that sends one cookie after the other. */
function cookieScript(site: BenchSite, people: StoredSession[]): string {
  const path = join(site.nginx.dir, 'cookies.lua');
  const list = people.map(({ cookie }) => `"${cookie}"`).join(',');
  writeFileSync(
    path,
    `local cookies = {${list}}\nlocal next = 0\nrequest = function()\n  next = next % #cookies + 1\n` +
      '  wrk.headers["Cookie"] = cookies[next]\n  return wrk.format()\nend\n',
  );
  return path;
}
