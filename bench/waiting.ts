import { setTimeout } from 'node:timers/promises';
import { type Agent, createAgent } from '../test/support/agent';
import type { MisbehavingProvider } from '../test/support/misbehaving-provider';
import { residentMemory } from './load';
import { type BenchSite, type BenchSiteOptions, startBenchSite } from './site';

/** So many people at /_codexch while the provider takes its time, in one worker: memory of each while it lasts, KB. */
export interface Waiting {
  people: number;
  memory: number;
}

/** How long the provider takes (ms): less than `$oidc_provider_timeout`, more than it takes to get everybody there. */
const delay = 8000;

export async function measureWaiting(
  options: BenchSiteOptions,
  provider: MisbehavingProvider,
  people: number,
): Promise<Waiting> {
  const site = await startBenchSite(options);
  const browsers: Agent[] = [];
  try {
    for (let one = 0; one < people + 1; one++) browsers.push(createAgent());
    const [first, ...others] = browsers as [Agent, ...Agent[]];
    await signIn(first, site); // metadata and keys are there from now on
    const callbacks: string[] = [];
    for (const browser of others) callbacks.push(await authorize(browser, site));
    provider.does.delays['/token'] = delay;
    const before = residentMemory(site.worker);
    const answers = others.map((browser, index) => browser.get(callbacks[index] as string));
    await setTimeout(delay / 2);
    const memory = (residentMemory(site.worker) - before) / people;
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    if (statuses.some((status) => status !== 302)) throw new Error(`a callback was answered ${statuses}`);
    return { people, memory };
  } finally {
    delete provider.does.delays['/token'];
    for (const browser of browsers) await browser.close();
    await site.stop();
  }
}

async function signIn(browser: Agent, site: BenchSite): Promise<void> {
  const { status } = await browser.navigate(`${site.url}/`);
  if (status !== 200) throw new Error(`sign-in failed: ${status}`);
}

/** Begins a sign-in; the address of the callback. */
async function authorize(browser: Agent, site: BenchSite): Promise<string> {
  const begun = await browser.get(`${site.url}/`);
  const asked = await browser.get(String(begun.headers.location));
  return String(asked.headers.location);
}
