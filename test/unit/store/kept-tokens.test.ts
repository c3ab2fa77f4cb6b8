import { describe, expect, it } from 'vitest';
import { keptTokens } from '../../../src/store/kept-tokens';
import { encodeVerdict, introspectionEntry, verdictEntry } from '../../../src/store/token-verdict';
import { fakeZones, removeZonesAfterwards } from '../../support/fake-ngx';

removeZonesAfterwards();

describe('what is kept of tokens', () => {
  it('is there for its time', () => {
    const zones = fakeZones();
    const tokens = keptTokens();
    tokens.keep('v:1', 'good', 60, 'good');
    expect(tokens.get('v:1')).toBe('good');
    zones.oidc_tokens.now += 61;
    expect(tokens.get('v:1')).toBe(undefined);
  });

  it('is nothing where it has no time', () => {
    fakeZones();
    keptTokens().keep('v:1', 'good', 0, 'good');
    keptTokens().keep('v:2', 'good', -5, 'good');
    expect([keptTokens().get('v:1'), keptTokens().get('v:2')]).toEqual([undefined, undefined]);
  });

  it.each([
    ['bad', 500_001, true],
    ['bad', 500_000, false],
    ['good', 500_000, true],
    ['good', 125_001, true],
    ['good', 125_000, false],
  ] as const)('is %s with %i of a million bytes free: %s', (kind, free, isKept) => {
    fakeZones().control.freeSpace = free;
    keptTokens().keep('x', 'text', 60, kind);
    expect(keptTokens().get('x')).toBe(isKept ? 'text' : undefined);
  });

  it('stops nobody where the zone is full, but nobody asks without a lock', () => {
    const zones = fakeZones();
    const tokens = keptTokens();
    zones.oidc_tokens.full = true;
    tokens.keep('x', 'text', 60, 'good');
    expect(tokens.get('x')).toBe(undefined);
    expect(() => tokens.lock('x', 5)).toThrow('store_failed');
  });

  it('is locked by one at a time', () => {
    const zones = fakeZones();
    const tokens = keptTokens();
    expect([tokens.lock('x', 5), tokens.lock('x', 5), tokens.lock('y', 5)]).toEqual([true, false, true]);
    tokens.unlock('x');
    expect(tokens.lock('x', 5)).toBe(true);
    zones.oidc_tokens.now += 6;
    expect(tokens.lock('x', 5)).toBe(true);
  });

  it('needs its zone, and says so', () => {
    Object.assign(globalThis, { ngx: { shared: {} } });
    expect(() => keptTokens()).toThrow('js_shared_dict_zone zone=oidc_tokens');
  });
});

it('a verdict is found by the token, the site and what is asked, and by nothing less', () => {
  const entries = [
    verdictEntry('Bearer x', 'site', 'asked'),
    verdictEntry('Bearer y', 'site', 'asked'),
    verdictEntry('Bearer x', 'sites', 'asked'),
    verdictEntry('Bearer x', 'site', 'asked.'),
    verdictEntry('asked', 'site', 'Bearer x'),
    introspectionEntry('Bearer x', 'site'),
    introspectionEntry('Bearer x', 'site2'),
  ];
  expect(new Set(entries).size).toBe(entries.length);
  expect(entries.join()).not.toContain('Bearer');
});

it('a verdict has no line that a claim could begin', () => {
  expect(encodeVerdict(9, 'a', { x: 'y\nz', w: '' })).toBe('9 a\nx\ny z\nw\n');
});
