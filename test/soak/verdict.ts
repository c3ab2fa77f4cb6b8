import type { Measured } from './measure';

/**
 * A worker may own so much more in the end than after its warm-up: this part of it, and KB on top, because as many requests
 * at once as never before take memory that the allocator keeps. Over an hour that is less than 1 KB for a request.
 */
const growth = { part: 0.15, more: 16_384 };
/** What of a zone may stay in use: a part of it, as an allocator keeps a few pages of each size, and bytes for each entry that is left. */
const kept = { part: 0.05, each: 1024 };
/** Kinds of entries that end with their sessions: the session, its tokens, its links. */
const endWithSessions = ['s', 'tokens', 'p', 'u', 'filler', 'room'];

/** What a node does not give back. The first measurement is from before anybody came, the last from after all had left. */
export function notFlat(measured: readonly Measured[], node: number): string[] {
  const [first, last] = [measured[0], measured.at(-1)];
  if (!first || !last) throw new Error('nothing was measured');
  return [...grown(measured, last), ...notGivenBack(first, last), ...lingering(last)].map(
    (text) => `node ${node}: ${text}`,
  );
}

/** The workers of the end, compared with themselves at the first time that they were seen after a round. */
function grown(measured: readonly Measured[], last: Measured): string[] {
  const pids = (one: Measured) => one.workers.map(({ pid }) => pid).join();
  const warm = measured.slice(1).find((one) => pids(one) === pids(last));
  if (!warm || warm === last) return ['its workers were replaced after the last round'];
  return last.workers.flatMap(({ pid, own }) => {
    const before = warm.workers.find((one) => one.pid === pid)?.own ?? 0;
    return own > before * (1 + growth.part) + growth.more ? [`worker ${pid} grew from ${before} to ${own} KB`] : [];
  });
}

function notGivenBack(first: Measured, last: Measured): string[] {
  return Object.entries(last.zones).flatMap(([name, { capacity, free, kinds }]) => {
    const before = first.zones[name]?.free ?? capacity;
    const entries = Object.values(kinds).reduce((sum, number) => sum + number, 0);
    const left = Object.keys(kinds).filter((kind) => endWithSessions.includes(kind));
    return [
      ...(before - free > capacity * kept.part + entries * kept.each
        ? [`zone ${name} has ${free} bytes free, not ${before}`]
        : []),
      ...left.map((kind) => `zone ${name} still has ${kinds[kind]} entries of kind ${kind}`),
    ];
  });
}

function lingering({ lingering }: Measured): string[] {
  return lingering > 0 ? [`${lingering} workers of before a reload are still there`] : [];
}
