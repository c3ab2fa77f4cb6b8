import { describe, expect, it } from 'vitest';
import { lackOf, parseAcrValues, parseMaxAge } from '../../../src/protocol/step-up';

const now = 1_800_000_000;

describe('a sign-in', () => {
  it.each<[string, string[], number | undefined, Record<string, unknown>, ReturnType<typeof lackOf>]>([
    ['any', [], undefined, {}, undefined],
    ['the second of two kinds', ['mfa', 'hwk'], undefined, { acr: 'hwk' }, undefined],
    ['another kind', ['mfa'], undefined, { acr: 'pwd' }, 'acr'],
    ['no kind', ['mfa'], undefined, {}, 'acr'],
    ['a list of kinds', ['mfa'], undefined, { acr: ['mfa'] }, 'acr'],
    ['a kind that begins so', ['mfa'], undefined, { acr: 'mfa2' }, 'acr'],
    ['one of now', [], 60, { auth_time: now }, undefined],
    ['one of 59 seconds ago', [], 60, { auth_time: now - 59 }, undefined],
    ['one of 60 seconds ago', [], 60, { auth_time: now - 60 }, 'auth_time'],
    ['one of nobody knows when', [], 60, {}, 'auth_time'],
    ['a time that is a text', [], 60, { auth_time: String(now) }, 'auth_time'],
    ['a time that is none', [], 60, { auth_time: Number.NaN }, 'auth_time'],
    ['the right kind, too old', ['mfa'], 60, { acr: 'mfa', auth_time: 1 }, 'auth_time'],
    ['the wrong kind, just now', ['mfa'], 60, { acr: 'x', auth_time: now }, 'acr'],
  ])('of this kind: %s', (_name, acrValues, maxAge, claims, lack) => {
    expect(lackOf({ acrValues, maxAge }, claims, now)).toBe(lack);
  });
});

describe('settings', () => {
  it('read lists of values', () => {
    expect(parseAcrValues('')).toEqual([]);
    expect(parseAcrValues(' urn:mace:incommon:iap:silver  2 ')).toEqual(['urn:mace:incommon:iap:silver', '2']);
  });
  it.each(['"mfa"', 'mfä', 'a\\b', ' ', '\t', 'x'.repeat(256), Array(21).fill('x').join(' ')])('refuse %j', (text) => {
    expect(() => parseAcrValues(text)).toThrow();
  });
  it('read seconds', () => {
    expect([parseMaxAge(''), parseMaxAge('1'), parseMaxAge('31536000')]).toEqual([undefined, 1, 31536000]);
  });
  it.each(['0', '-1', '1.5', '5m', ' 5', '31536001', '1e3'])('refuse an age of %j', (text) => {
    expect(() => parseMaxAge(text)).toThrow('must be whole seconds from 1');
  });
});
