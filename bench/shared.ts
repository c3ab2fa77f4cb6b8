import { randomUUID } from 'node:crypto';
import type { StoreName } from '../scripts/stores/find';
import { createAgent } from '../test/support/agent';
import type { MisbehavingProvider } from '../test/support/misbehaving-provider';
import { type RunningStore, startStore } from '../test/support/store-server';
import { cpuTime, loadCore, median, pin, run } from './load';
import { type AtNodes, measureNodes } from './nodes';
import { type BenchSite, type BenchSiteOptions, signedInCookie, startBenchSite } from './site';

/** CPU of one thing, µs: of NGINX's worker, and of the store beside it. */
export interface SharedCost {
  name: string;
  worker: number;
  store: number;
}

/** Sessions in a store that several machines share, beside those of a single machine, in the same run. */
export interface Shared {
  store: string;
  /** with so many other sessions in the store */
  rows: { others: number; costs: SharedCost[] }[];
  /** of all that the store holds, for each session, bytes */
  bytes: number;
  /** a request at several machines at a time, by how long they trust a copy (s) */
  nodes: { freshness: number; at: AtNodes[] }[];
}

export interface SharedOptions extends BenchSiteOptions {
  provider: MisbehavingProvider;
  name: StoreName;
  repeats: number;
  /** of one run, seconds */
  duration: number;
  /** how many other sessions are in the store, by turns */
  others: number[];
  /** how often a sign-in is measured */
  count: number;
}

export async function measureShared(options: SharedOptions): Promise<Shared> {
  const store = await startStore(options.name, {
    config: [
      ['appendfsync', 'everysec'],
      ['enable-debug-command', 'local'],
    ],
  });
  const pid = Number(/process_id:(\d+)/.exec(String(await store.command('INFO', 'server')))?.[1]);
  pin(pid, loadCore);
  const rows: Shared['rows'] = [];
  try {
    const { size, count } = await filledBySignIns(options, store);
    for (const others of options.others) {
      await store.command('FLUSHALL');
      if (others > 0) await store.command('DEBUG', 'POPULATE', String(others), 'other', String(size));
      rows.push({ others, costs: await costs(options, store.port, pid) });
    }
    const nodes = [];
    for (const freshness of [5, 0]) {
      const at = await measureNodes(
        { ...options, store: { port: store.port, freshness } },
        [1, 3, 4],
        options.duration,
      );
      nodes.push({ freshness, at });
    }
    const version = /(?:valkey|redis)_version:(\S+)(?![\s\S]*valkey_version)/.exec(
      String(await store.command('INFO', 'server')),
    )?.[1];
    return { store: `${options.name.split('-')[0]} ${version}`, rows, bytes: count, nodes };
  } finally {
    await store.stop();
  }
}

/** What a session takes: the size of its value, and all of it in the store's memory. */
async function filledBySignIns(options: SharedOptions, store: RunningStore) {
  const site = await startBenchSite({ ...options, store: { port: store.port, freshness: 5 } });
  try {
    const sessions = 100;
    for (let session = 0; session < sessions; session++) await signIn(options.provider, site);
    const keys = (await store.command('KEYS', '*')) as string[];
    const ask = (...command: string[]) => store.command(...command).then(Number, () => 0);
    const sizes = await Promise.all(keys.map((key) => ask('STRLEN', key)));
    // Of each key, with what the store keeps beside it: buffers of connections would count for a hundred sessions each.
    const memory = await Promise.all(keys.map((key) => ask('MEMORY', 'USAGE', key, 'SAMPLES', '0')));
    return { size: Math.max(...sizes), count: memory.reduce((sum, bytes) => sum + bytes, 0) / sessions };
  } finally {
    await site.stop();
  }
}

async function costs(options: SharedOptions, store: number, storePid: number): Promise<SharedCost[]> {
  const start = (freshness: number) => startBenchSite({ ...options, store: { port: store, freshness } });
  const sites = {
    alone: await startBenchSite(options),
    warm: await start(5),
    fresh: await start(0),
    other: await start(5),
  };
  try {
    const all: SharedCost[] = [];
    for (const [name, site] of [
      ['a request, sessions on this machine alone', sites.alone],
      ['a request, a copy that is trusted for 5 s', sites.warm],
      ['a request that asks the store each time', sites.fresh],
    ] as const) {
      all.push({ name, ...(await requests(site, storePid, options)) });
    }
    for (const [name, site] of [
      ['a sign-in, sessions on this machine alone', sites.alone],
      ['a sign-in', sites.warm],
    ] as const) {
      all.push({ name, ...(await signIns(site, storePid, options)) });
    }
    all.push({ name: 'the first request on another machine', ...(await firstRequests(sites, storePid, options)) });
    all.push({ name: 'a renewal', ...(await renewals(sites.warm, storePid, options)) });
    return all;
  } finally {
    for (const site of Object.values(sites)) await site.stop();
  }
}

/** What the gate adds to a request without authentication. */
async function requests(site: BenchSite, store: number, { repeats, duration }: SharedOptions) {
  const headers = { Cookie: await signedInCookie(site) };
  const worker: number[] = [];
  const ofStore: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const base = await run({ url: `${site.url}/open`, headers, duration }, site.worker);
    const before = cpuTime(store);
    const gate = await run({ url: `${site.url}/`, headers, duration }, site.worker);
    worker.push(gate.cpu - base.cpu);
    ofStore.push((cpuTime(store) - before) / (gate.requestsPerSecond * duration));
  }
  return { worker: median(worker), store: median(ofStore) };
}

async function signIns(site: BenchSite, store: number, { provider, count }: SharedOptions) {
  return perAction(site, store, count, () => signIn(provider, site));
}

/** Somebody who signed in on one machine comes to another, which has to read the session. */
async function firstRequests(sites: { warm: BenchSite; other: BenchSite }, store: number, options: SharedOptions) {
  const cookies: string[] = [];
  for (let person = 0; person < options.count; person++) cookies.push(await signIn(options.provider, sites.warm));
  return perAction(sites.other, store, options.count, async () => {
    const answer = await fetch(`${sites.other.url}/`, { headers: { cookie: cookies.pop() ?? '' } });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`the other machine answered ${answer.status}`);
  });
}

async function renewals(site: BenchSite, store: number, { provider, count }: SharedOptions) {
  const { idTokenLifetime } = provider.does;
  provider.does.idTokenLifetime = 0; // within the clock skew it is accepted, and due for renewal at once
  const agent = createAgent();
  try {
    await agent.navigate(`${site.url}/`);
    return await perAction(site, store, count, async () => {
      const { status } = await agent.get(`${site.url}/`);
      if (status !== 200) throw new Error(`a renewal failed: ${status}`);
    });
  } finally {
    provider.does.idTokenLifetime = idTokenLifetime;
    await agent.close();
  }
}

async function perAction(site: BenchSite, store: number, count: number, action: () => Promise<unknown>) {
  await action();
  const before = { worker: cpuTime(site.worker), store: cpuTime(store) };
  for (let done = 0; done < count - 1; done++) await action();
  return {
    worker: (cpuTime(site.worker) - before.worker) / (count - 1),
    store: (cpuTime(store) - before.store) / (count - 1),
  };
}

/** Signs in somebody new; the Cookie header of that browser. */
async function signIn(provider: MisbehavingProvider, site: BenchSite): Promise<string> {
  const { user } = provider.does;
  provider.does.user = { ...user, sub: randomUUID() };
  const agent = createAgent();
  try {
    const { status } = await agent.navigate(`${site.url}/`);
    if (status !== 200) throw new Error(`sign-in failed: ${status}`);
    return (await agent.cookies(site.url)).map((cookie) => cookie.cookieString()).join('; ');
  } finally {
    provider.does.user = user;
    await agent.close();
  }
}
