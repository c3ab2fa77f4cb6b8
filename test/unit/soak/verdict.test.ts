import { describe, expect, it } from 'vitest';
import type { Measured } from '../../soak/measure';
import { notFlat } from '../../soak/verdict';

const measured = (own: number[], changes: Partial<Measured> = {}): Measured => ({
  at: 0,
  workers: own.map((kb, pid) => ({ pid, own: kb, pss: kb })),
  lingering: 0,
  zones: { oidc_sessions: { capacity: 1_000_000, free: 990_000, kinds: {} } },
  ...changes,
});
const zone = (free: number, kinds: Record<string, number> = {}) => ({
  zones: { oidc_sessions: { capacity: 1_000_000, free, kinds } },
});
const start = measured([1000, 1000]);

describe('the verdict on a soak', () => {
  it('finds nothing where memory and zones are as they were', () => {
    const rounds = [measured([40_000, 9000], zone(700_000, { s: 20, tokens: 40 })), measured([42_000, 9500])];
    expect(notFlat([start, ...rounds], 0, 10)).toEqual([]);
  });

  it('finds a worker that owns more than its people can make it need', () => {
    const found = notFlat([start, measured([40_000, 9000]), measured([40_000, 93_185])], 0, 10);
    expect(found).toEqual(['node 0: worker 1 owns 93185 KB, more than 93184']);
  });

  it('wants workers that lived through the last round', () => {
    const later = [7, 8].map((pid) => ({ pid, own: 9000, pss: 9000 }));
    const rounds = [measured([9000, 9000]), measured([], { workers: later }), measured([], { workers: later })];
    expect(notFlat([start, ...rounds], 0, 10)).toEqual([]);
    expect(notFlat([start, ...rounds.slice(0, 2)], 0, 10)).toHaveLength(1);
  });

  it('finds a zone that does not get its room back, and entries that outlive their sessions', () => {
    const before = measured([1000, 1000]);
    expect(notFlat([start, before, measured([1000, 1000], zone(930_000))], 0, 10)).toHaveLength(1);
    expect(notFlat([start, before, measured([1000, 1000], zone(990_000, { x: 9, feed: 1 }))], 0, 10)).toEqual([]);
    expect(notFlat([start, before, measured([1000, 1000], zone(990_000, { s: 1, p: 2 }))], 0, 10)).toHaveLength(2);
  });

  it('finds workers that never ended', () => {
    const last = measured([1000, 1000], { lingering: 1 });
    expect(notFlat([start, measured([1000, 1000]), last], 0, 10)).toHaveLength(1);
  });
});
