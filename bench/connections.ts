import { median, type Run, run } from './load';
import { type BenchSite, signedInCookie } from './site';

/** What a signed-in request adds (µs of CPU), and its share of the throughput, at so many connections. */
export interface AtConnections {
  connections: number;
  added: number;
  ratio: number;
  addedWithToken: number;
}

export interface ConnectionsOptions {
  claims: BenchSite;
  tokens: BenchSite;
  counts: number[];
  repeats: number;
  /** of one run, seconds */
  duration: number;
}

/** Each number of connections in turn, again and again, each beside the same without authentication. */
export async function measureConnections(options: ConnectionsOptions): Promise<AtConnections[]> {
  const { claims, tokens, counts, duration } = options;
  const headers = { Cookie: await signedInCookie(claims) };
  const withToken = { Cookie: await signedInCookie(tokens) };
  const rounds = counts.map(() => [] as { base: Run; gate: Run; token: Run }[]);
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    for (const [index, connections] of counts.entries()) {
      const load = { duration, connections };
      rounds[index]?.push({
        base: await run({ ...load, headers, url: `${claims.url}/open` }, claims.worker),
        gate: await run({ ...load, headers, url: `${claims.url}/` }, claims.worker),
        token: await run({ ...load, headers: withToken, url: `${tokens.url}/` }, tokens.worker),
      });
    }
  }
  return counts.map((connections, index) => {
    const of = (figure: (round: { base: Run; gate: Run; token: Run }) => number) =>
      median((rounds[index] ?? []).map(figure));
    return {
      connections,
      added: of(({ base, gate }) => gate.cpu - base.cpu),
      ratio: of(({ base, gate }) => gate.requestsPerSecond / base.requestsPerSecond),
      addedWithToken: of(({ base, token }) => token.cpu - base.cpu),
    };
  });
}
