import type { Measured } from './measure';

/**
 * KB that a worker may own: what as many requests take as people can make at once, however long it goes on. Each has a
 * JavaScript context, and the gate another one for it; the allocator keeps the memory of the busiest moment.
 */
const mayOwn = (people: number) => 16_384 + people * 3 * 2560;
/** What of a zone may stay in use: a part of it, as an allocator keeps a few pages of each size, and bytes for each entry that is left. */
const kept = { part: 0.05, each: 1024 };
/** Kinds of entries that end with their sessions: the session, its tokens, its links. */
const endWithSessions = ['s', 'tokens', 'p', 'u', 'filler', 'room'];

/** What a node does not give back. The first measurement is from before anybody came, the last from after all had left. */
export function notFlat(measured: readonly Measured[], node: number, people: number): string[] {
  const [first, last] = [measured[0], measured.at(-1)];
  if (!first || !last) throw new Error('nothing was measured');
  return [...replaced(measured, last), ...tooLarge(last, people), ...notGivenBack(first, last), ...lingering(last)].map(
    (text) => `node ${node}: ${text}`,
  );
}

/** The workers of the end must have lived through a round. */
function replaced(measured: readonly Measured[], last: Measured): string[] {
  const pids = (one: Measured) => one.workers.map(({ pid }) => pid).join();
  const before = measured.at(-2);
  return before && pids(before) === pids(last) ? [] : ['its workers were replaced after the last round'];
}

function tooLarge({ workers }: Measured, people: number): string[] {
  return workers
    .filter(({ own }) => own > mayOwn(people))
    .map(({ pid, own }) => `worker ${pid} owns ${own} KB, more than ${mayOwn(people)}`);
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
