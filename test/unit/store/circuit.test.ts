import { describe, expect, it, vi } from 'vitest';
import { guarded } from '../../../src/store/circuit';
import { memorySharedStore } from '../../support/memory-shared-store';
import { memoryStore } from '../../support/memory-store';

/** Two workers of one machine. */
function scene() {
  const [shared, zone] = [memorySharedStore(), memoryStore()];
  const outages = { began: vi.fn(), ended: vi.fn() };
  const worker = () => guarded(shared, zone, () => zone.now, outages);
  return { shared, zone, outages, one: worker(), two: worker() };
}

describe('while the shared store is away', () => {
  it('one request in a second asks it, and the others fail at once', async () => {
    const { shared, zone, one, two } = scene();
    shared.trouble = 'unreachable';
    await expect(one.read('a')).rejects.toMatchObject({ code: 'store_unreachable' });
    for (const worker of [one, two])
      await expect(worker.version('a')).rejects.toMatchObject({ code: 'store_unreachable' });
    expect(shared.asked).toEqual({ read: 1 });
    zone.now += 1;
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => two.version('a')));
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'rejected'));
    expect(shared.asked).toEqual({ read: 1, version: 1 });
  });

  it('that is told once, and once that it is back', async () => {
    const { shared, zone, outages, one, two } = scene();
    shared.trouble = 'refused';
    for (let second = 0; second < 30; second++, zone.now++) {
      for (const worker of [one, two]) await expect(worker.read('a')).rejects.toThrow();
    }
    expect(outages.began).toHaveBeenCalledTimes(1);
    expect(outages.began).toHaveBeenCalledWith(expect.objectContaining({ code: 'store_refused' }));
    shared.trouble = undefined;
    zone.now += 1;
    for (const worker of [one, two]) await worker.read('a');
    expect(outages.ended).toHaveBeenCalledTimes(1);
  });

  it('whoever wants to sign in is told so, as long as it is, and is not asked for while nothing is known of trouble', async () => {
    const { shared, zone, one, two } = scene();
    await one.check();
    expect(shared.asked).toEqual({});
    shared.trouble = 'unreachable';
    await expect(one.read('a')).rejects.toThrow();
    await expect(two.check()).rejects.toMatchObject({ code: 'store_unreachable' });
    shared.trouble = undefined;
    zone.now += 1;
    await two.check();
    expect(shared.asked.isLocked).toBe(1);
  });
});

describe('a store without room', () => {
  it('is read as before, and told once in a minute', async () => {
    const { shared, zone, outages, one } = scene();
    shared.trouble = 'full';
    for (let second = 0; second < 59; second++, zone.now++) {
      await expect(one.write('a', 'value', 60, 0)).rejects.toMatchObject({ code: 'store_full' });
      expect(await one.read('a')).toBeUndefined();
    }
    expect(outages.began).toHaveBeenCalledTimes(1);
    expect(outages.ended).not.toHaveBeenCalled();
  });
});
