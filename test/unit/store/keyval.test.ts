import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyvalStore, shortLived } from '../../../src/store/keyval';
import type { Store } from '../../../src/store/store';
import { keyvalCluster, keyvalLines } from '../../support/plus/keyval';
import { plusRequest } from '../../support/plus/request';
import { plusTemplate } from '../../support/plus/site';
import { storeContract } from '../../support/store-contract';

describe('the keyval store', () => {
  const keyvals = keyvalLines(plusTemplate('openid_connect_configuration.conf'));
  const storesOn = (nodes: number, delay = 0) =>
    keyvalCluster(nodes, delay).map((node) => {
      const { r } = plusRequest({ node, keyvals, variables: { pkce_id: '' }, log: [] }, { uri: '/' });
      return keyvalStore(r, () => Math.floor(Date.now() / 1000), shortLived);
    });
  const store = () => storesOn(1)[0] as ReturnType<typeof keyvalStore>;

  beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }));
  afterEach(() => void vi.useRealTimers());

  describe('on one node', () => {
    storeContract(() => ({ ...store(), pass: (seconds) => void vi.advanceTimersByTime(seconds * 1000) }), {
      atomic: true,
    });
  });

  describe('written on one node and read on another, with a delay between them', () => {
    const delay = 50;
    storeContract(
      () => {
        const [here, there] = storesOn(2, delay) as [Store, Store];
        const afterDelay = <T>(work: () => T) => vi.advanceTimersByTimeAsync(delay).then(work);
        return {
          get: (key) => afterDelay(() => there.get(key)),
          set: (key, value, ttl) => here.set(key, value, ttl),
          add: (key, value, ttl) => afterDelay(() => here.add(key, value, ttl)),
          delete: (key) =>
            afterDelay(() => there.delete(key))
              .then(() => vi.advanceTimersByTimeAsync(delay))
              .then(() => {}),
          pass: (seconds) => vi.advanceTimersByTimeAsync(seconds * 1000).then(() => {}),
        };
      },
      { atomic: false }, // two nodes that add within the delay both succeed, and the later one stays: below
    );
  });

  it('shows another node what was written after the delay of zone_sync, deletions too', async () => {
    vi.useRealTimers();
    const [here, there] = storesOn(2, 50);
    here?.set('key', 'value', 10);
    expect(there?.get('key')).toBeUndefined();
    await vi.waitFor(() => expect(there?.get('key')).toBe('value'));
    here?.delete('key');
    await vi.waitFor(() => expect(there?.get('key')).toBeUndefined());
  });

  it('lets the later of two nodes win', async () => {
    vi.useRealTimers();
    const [here, there] = storesOn(2, 50);
    expect(here?.add('lock', 'here', 10)).toBe(true);
    expect(there?.add('lock', 'there', 10)).toBe(true);
    await vi.waitFor(() => expect(here?.get('lock')).toBe('there'));
    expect(there?.get('lock')).toBe('there');
  });

  it('fails with a code where the configuration has no such zone', () => {
    const [node] = keyvalCluster(1, 0);
    const { r } = plusRequest({ node: node as never, keyvals: {}, variables: {}, log: [] }, { uri: '/' });
    expect(() => keyvalStore(r, () => 0, shortLived).get('key')).toThrow(/store_failed/);
  });
});
