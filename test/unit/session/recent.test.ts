import { describe, expect, it } from 'vitest';
import { recentlyUsed } from '../../../src/session/recent';

const start = 1_800_000_000_000;

/** How many of a hundred values, each of so many characters, are still there. */
function kept(mostEntries: number, mostCharacters: number, size: number): number {
  const recent = recentlyUsed<string>(mostEntries, mostCharacters);
  for (let n = 0; n < 100; n++) recent.keep(`k${n}`, 'v', size, start);
  return Array.from({ length: 100 }, (_, n) => recent.get(`k${n}`, start)).filter(Boolean).length;
}

describe('what is kept', () => {
  it('is at most two generations of entries, or of characters', () => {
    expect(kept(10, 1_000_000, 1)).toBeLessThanOrEqual(20);
    expect(kept(1000, 1000, 100)).toBeLessThanOrEqual(20);
    expect(kept(1000, 1_000_000, 1)).toBe(100);
  });

  it('goes after two minutes without use, and at once when it is forgotten', () => {
    const recent = recentlyUsed<string>(10, 1000);
    recent.keep('k', 'v', 1, start);
    expect(recent.get('k', start + 59_000)).toBe('v');
    expect(recent.get('k', start + 180_000)).toBeUndefined();
    recent.keep('k', 'v', 1, start + 180_000);
    recent.forget('k');
    expect(recent.get('k', start + 180_000)).toBeUndefined();
  });
});
