import { createAgent } from '../test/support/agent';
import type { MisbehavingProvider } from '../test/support/misbehaving-provider';
import { cpuTime, median } from './load';
import type { BenchSite } from './site';

/** CPU time of the worker, µs: for a whole sign-in (three requests, two provider calls) and for a renewal. */
export interface Logins {
  login: number;
  renewal: number;
}

export async function measureLogins(site: BenchSite, provider: MisbehavingProvider, count: number): Promise<Logins> {
  const logins: number[] = [];
  for (let batch = 0; batch < 5; batch++) {
    logins.push(
      await costOf(site, count, async () => {
        const agent = createAgent();
        const page = await agent.navigate(`${site.url}/`);
        if (page.status !== 200) throw new Error(`sign-in failed: ${page.status}`);
        await agent.close();
      }),
    );
    for (const endpoint of ['/authorize', '/token'] as const) provider.requests(endpoint).length = 0;
  }
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
  return { login: median(logins), renewal: median(renewals) };
}

async function costOf(site: BenchSite, count: number, action: () => Promise<void>): Promise<number> {
  const before = cpuTime(site.worker);
  for (let i = 0; i < count; i++) await action();
  return (cpuTime(site.worker) - before) / count;
}
