// Counts in a zone that all workers share; `incr` is atomic, so that sums are exact. Without the zone nothing is counted.

import { type CallOutcome, type CounterName, type Endpoint, histogram, type LabelValues } from './metric-table';

/** "js_shared_dict_zone zone=oidc_metrics:256k type=number;" */
export const metricsZone = 'oidc_metrics';

/** A zone of numbers. */
export interface CounterZone {
  readonly capacity: number;
  freeSpace(): number;
  get(key: string): number | undefined;
  set(key: string, value: number): unknown;
  incr(key: string, delta: number, init: number): number;
}

/** The zone; undefined where there is none. */
export function metrics(): CounterZone | undefined {
  return (ngx.shared as unknown as Record<string, CounterZone | undefined> | undefined)?.[metricsZone];
}

/** One more of it. */
export function count<N extends CounterName>(name: N, ...labels: LabelValues<N>): void {
  add(entryOf(name, labels as readonly string[]), 1);
}

/** So many more. */
export function countMany<N extends CounterName>(amount: number, name: N, ...labels: LabelValues<N>): void {
  add(entryOf(name, labels as readonly string[]), amount);
}

/** A call of the provider, and how long it took in seconds. */
export function countCall(endpoint: Endpoint, outcome: CallOutcome, seconds: number): void {
  const bound = histogram.buckets.filter((one) => seconds <= one)[0];
  count('oidc_provider_calls_total', endpoint, outcome);
  add(entryOf('duration', [endpoint, bound === undefined ? '+Inf' : String(bound)]), 1);
  add(entryOf('duration', [endpoint, 'sum']), seconds);
}

/** Where the zone has a number. */
export function entryOf(name: string, labels: readonly string[]): string {
  return [name].concat(labels).join(' ');
}

function add(entry: string, amount: number): void {
  try {
    metrics()?.incr(entry, amount, 0);
  } catch {
    // A zone that is too small, or not of numbers: /_oidc_metrics shows the first, and nobody is kept out for it.
  }
}
