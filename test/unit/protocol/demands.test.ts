import { describe, expect, it } from 'vitest';
import { judge, readDemands } from '../../../src/protocol/demands';

const now = 1_800_000_000;
const verdict = (text: string, claims: Record<string, unknown>) => judge(readDemands(text), claims, now);

describe('what a location demands', () => {
  it('is nothing, a rule, a kind of sign-in, or all of it', () => {
    expect(verdict('\t\t', {})).toEqual({ until: Number.POSITIVE_INFINITY });
    expect(verdict('sub is a\t\t', { sub: 'a' })).toEqual({ until: Number.POSITIVE_INFINITY });
    expect(verdict('sub is b\t\t', { sub: 'a' })).toMatchObject({ denial: { statement: 'sub is b' } });
    expect(verdict('\tmfa\t', { acr: 'pwd' })).toEqual({ lack: 'acr' });
    expect(verdict('sub is a\tmfa\t60', { sub: 'a', acr: 'mfa', auth_time: now })).toEqual({ until: now + 60 });
    expect(verdict('sub is b\tmfa\t60', { sub: 'a' })).toHaveProperty('denial');
  });

  it('may have tabs in its rule', () => {
    expect(verdict('sub\tis\ta\tmfa\t', { sub: 'a', acr: 'mfa' })).toEqual({ until: Number.POSITIVE_INFINITY });
  });

  it.each([
    ['', '$oidc_demands is set by'],
    ['sub is a', '$oidc_demands is set by'],
    ['sub is a\t', '$oidc_demands is set by'],
    ['sub\t\t', '$oidc_require cannot be read at character 1, "sub"'],
    [' \t\t', '$oidc_require cannot be read at character 1'],
    ['\t"\t', '$oidc_acr_values must be'],
    ['\t\tsoon', '$oidc_max_age must be'],
  ])('that cannot be read lets nobody in: %j', (text, message) => {
    expect(() => readDemands(text)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    expect(() => readDemands(text)).toThrow(message);
  });

  it('is read once, and not kept without end', () => {
    const first = readDemands('sub is once\t\t');
    expect(readDemands('sub is once\t\t')).toBe(first);
    for (let n = 0; n < 500; n++) readDemands(`sub is ${n}\t\t`);
    expect(readDemands('sub is once\t\t')).not.toBe(first);
  });
});
