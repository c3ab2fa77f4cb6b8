import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyvalStore } from '../../../src/plus/keyval-store';
import { keyvalCluster, keyvalLines } from '../../support/plus/keyval';
import { plusRequest } from '../../support/plus/request';
import { plusTemplate } from '../../support/plus/site';

describe('the keyval store', () => {
  const keyvals = keyvalLines(plusTemplate('openid_connect_configuration.conf'));
  const storesOn = (nodes: number, delay = 0) =>
    keyvalCluster(nodes, delay).map((node) => {
      const { r } = plusRequest({ node, keyvals, variables: { pkce_id: '' }, log: [] }, { uri: '/' });
      return keyvalStore(r, () => Math.floor(Date.now() / 1000));
    });
  const store = () => storesOn(1)[0] as ReturnType<typeof keyvalStore>;

  beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it('gives back what was set, whatever is in it', () => {
    const one = store();
    for (const value of ['', '-', '1.2', 'a\nb', 'ü😀', '{"a":1}']) {
      one.set('key', value, 10);
      expect(one.get('key')).toBe(value);
    }
    expect(one.get('other')).toBeUndefined();
  });

  it('forgets an entry when its time is over', () => {
    const one = store();
    one.set('key', 'value', 10);
    vi.advanceTimersByTime(9_000);
    expect(one.get('key')).toBe('value');
    vi.advanceTimersByTime(1_000);
    expect(one.get('key')).toBeUndefined();
  });

  it('adds only where nothing is, or what was there is over or deleted', () => {
    const one = store();
    expect(one.add('lock', 'first', 10)).toBe(true);
    expect(one.add('lock', 'second', 10)).toBe(false);
    expect(one.get('lock')).toBe('first');
    vi.advanceTimersByTime(10_000);
    expect(one.add('lock', 'third', 10)).toBe(true);
    one.delete('lock');
    expect(one.get('lock')).toBeUndefined();
    expect(one.add('lock', 'fourth', 10)).toBe(true);
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
    expect(() => keyvalStore(r, () => 0).get('key')).toThrow(/store_failed/);
  });
});
