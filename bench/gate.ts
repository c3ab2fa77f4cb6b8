import type { Nginx } from '../scripts/nginx/target';
import { type Load, median, type Run, run } from './load';
import { type BenchSite, signedInCookie } from './site';

/** Medians of one thing that was measured, and what it adds to a request without authentication (µs of CPU). */
export interface Result extends Run {
  name: string;
  /** of the throughput without authentication */
  ratio: number;
  added: number;
  /** of `added`, outside the kernel: what remains when waking up the other core does not count */
  addedUser: number;
  /** `added` of each repeat */
  each: number[];
}

export interface GateOptions {
  nginx: Nginx;
  claims: BenchSite;
  tokens: BenchSite;
  repeats: number;
  /** of one run, seconds */
  duration: number;
}

const page = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };

/** Everything in turn, again and again, so that what disturbs the machine disturbs all of it. */
export async function measureGate(options: GateOptions): Promise<Result[]> {
  const { claims, tokens, duration } = options;
  const signedIn = { Cookie: await signedInCookie(claims) };
  const withToken = { Cookie: await signedInCookie(tokens) };
  const scenarios: Array<[name: string, site: BenchSite, load: Load]> = [
    ['no authentication', claims, { url: '/open', headers: signedIn, duration }],
    ['auth_request to `return 204`', claims, { url: '/floor', headers: signedIn, duration }],
    ['signed in, claims as headers', claims, { url: '/', headers: signedIn, duration }],
    ['signed in, access token as well', tokens, { url: '/', headers: withToken, duration }],
    ['signed out: redirect', claims, { url: '/', headers: page, duration }],
    [
      'signed out: 401 for a script',
      claims,
      { url: '/', headers: { 'Sec-Fetch-Mode': 'cors' }, duration, errorsWanted: true },
    ],
  ];
  const runs: Run[][] = scenarios.map(() => []);
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    for (const [index, [, site, load]] of scenarios.entries()) {
      runs[index]?.push(await run({ ...load, url: site.url + load.url }, site.worker));
    }
  }
  const [base = []] = runs;
  return scenarios.map(([name], index) => summary(name, runs[index] ?? [], base));
}

/** The median of each figure; ratio and added cost are taken within a repeat first. */
export function summary(name: string, runs: Run[], base: Run[]): Result {
  const of = (figure: (run: Run) => number) => median(runs.map(figure));
  const each = runs.map((run, repeat) => run.cpu - (base[repeat]?.cpu ?? Number.NaN));
  return {
    name,
    requestsPerSecond: of((run) => run.requestsPerSecond),
    p50: of((run) => run.p50),
    p99: of((run) => run.p99),
    cpu: of((run) => run.cpu),
    user: of((run) => run.user),
    ratio: median(runs.map((run, repeat) => run.requestsPerSecond / (base[repeat]?.requestsPerSecond ?? Number.NaN))),
    added: median(each),
    addedUser: median(runs.map((run, repeat) => run.user - (base[repeat]?.user ?? Number.NaN))),
    each,
  };
}
