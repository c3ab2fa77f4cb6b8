import { randomUUID } from 'node:crypto';
import { createAgent } from '../test/support/agent';
import type { MisbehavingProvider } from '../test/support/misbehaving-provider';
import { cpuTime, median } from './load';
import type { BenchSite } from './site';

/** More than one person's. */
const mostSessions = 256;

/** CPU time of the worker, µs: for a whole sign-in (three requests, two provider calls) and for a renewal. */
export interface Logins {
  /** of people who sign in once */
  login: number;
  /** of one person, who has as many sessions as one can have */
  crowded: number;
  renewal: number;
}

export async function measureLogins(site: BenchSite, provider: MisbehavingProvider, count: number): Promise<Logins> {
  const { user } = provider.does;
  const logins = await signIns(site, provider, count, () => ({ ...user, sub: randomUUID() }));
  provider.does.user = user;
  for (let sessions = 0; sessions < mostSessions; sessions++) await signInOnce(site);
  const crowded = await signIns(site, provider, count, () => user);
  const { idTokenLifetime } = provider.does;
  provider.does.idTokenLifetime = 0; // within the clock skew it is accepted, and due for renewal at once
  const agent = createAgent();
  const renewals: number[] = [];
  try {
    await agent.navigate(`${site.url}/`);
    for (let batch = 0; batch < 5; batch++) {
      renewals.push(
        await costOf(site, count, async () => {
          if ((await agent.get(`${site.url}/`)).status !== 200) throw new Error('renewal failed');
        }),
      );
    }
    if (provider.grants('refresh_token').length < count) throw new Error('the requests brought no renewal');
  } finally {
    provider.does.idTokenLifetime = idTokenLifetime;
    await agent.close();
  }
  return { login: median(logins), crowded: median(crowded), renewal: median(renewals) };
}

/** What the sign-in of each of these people costs. */
async function signIns(
  site: BenchSite,
  provider: MisbehavingProvider,
  count: number,
  person: () => MisbehavingProvider['does']['user'],
): Promise<number[]> {
  const costs: number[] = [];
  for (let batch = 0; batch < 5; batch++) {
    const cost = await costOf(site, count, async () => {
      provider.does.user = person();
      await signInOnce(site);
    });
    costs.push(cost);
    for (const endpoint of ['/authorize', '/token'] as const) provider.requests(endpoint).length = 0;
  }
  return costs;
}

async function signInOnce(site: BenchSite): Promise<void> {
  const agent = createAgent();
  const page = await agent.navigate(`${site.url}/`);
  if (page.status !== 200) throw new Error(`sign-in failed: ${page.status}`);
  await agent.close();
}

async function costOf(site: BenchSite, count: number, action: () => Promise<void>): Promise<number> {
  const before = cpuTime(site.worker);
  for (let i = 0; i < count; i++) await action();
  return (cpuTime(site.worker) - before) / count;
}
