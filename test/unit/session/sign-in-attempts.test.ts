import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Attempts, formatAttempts, isLoop, oneMore, parseAttempts } from '../../../src/session/sign-in-attempts';

const now = 1_800_000_000;
const none: Attempts = { count: 0, since: now, lastError: '' };

describe('the sign-in attempts of a browser', () => {
  it('come back as they went', () => {
    const attempts = oneMore(oneMore(none, ''), '0123456789ab');
    expect(parseAttempts(formatAttempts(attempts), now + 10)).toEqual({
      count: 2,
      since: now,
      lastError: '0123456789ab',
    });
  });

  it('are a loop from the fifth on', () => {
    let attempts = none;
    for (let i = 0; i < 5; i++) {
      expect(isLoop(attempts), `${i} attempts`).toBe(false);
      attempts = oneMore(attempts, '');
    }
    expect(isLoop(attempts)).toBe(true);
  });

  it('count again after a minute', () => {
    const value = formatAttempts({ count: 5, since: now, lastError: '' });
    expect(isLoop(parseAttempts(value, now + 60))).toBe(true);
    expect(parseAttempts(value, now + 61)).toEqual({ ...none, since: now + 61 });
    expect(parseAttempts(value, now - 1), 'from the future').toEqual({ ...none, since: now - 1 });
  });

  it.each([
    undefined,
    '',
    '.',
    '5',
    `5.${now}`,
    `-5.${now}.`,
    `5.${now}.<b>`,
    `5.${now}.${'a'.repeat(33)}`,
    `1e9.${now}.`,
  ])('are none for %j', (value) => {
    expect(parseAttempts(value, now)).toEqual(none);
  });

  it('of any cookie hold a number and a reference, nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const { count, lastError } = parseAttempts(value, now);
        expect(Number.isInteger(count)).toBe(true);
        expect(lastError).toMatch(/^[0-9a-f]{0,32}$/);
      }),
    );
  });
});
