import { describe, expect, it } from 'vitest';
import { onlyToCheck, sinceNoted, trustedAgain } from '../../../src/session/copy-check';
import { decodeRecord, encodeRecord } from '../../../src/session/record';
import { sessionRecord } from '../../support/session-fixture';

const now = 1_000_000;
const copy = { version: 1234567890123456, checkedAt: now - 5, freshUntil: now, keptUntil: now + 1000 };
const keep = 330;

describe('a copy whose time of trust is over', () => {
  it('is asked about by its version', () => {
    expect(onlyToCheck(encodeRecord(sessionRecord(now, { copy })), now, keep)).toBe(copy.version);
    expect(onlyToCheck(encodeRecord(sessionRecord(now, { copy, wants: 'ai', variables: {} })), now, keep)).toBe(
      copy.version,
    );
    expect(sinceNoted(encodeRecord(sessionRecord(now, { copy })), now)).toBe(5);
  });

  it.each([
    ['that is none', { copy: undefined }],
    ['that has ended', { endsAt: now }],
    ['whose use is to be noted', { usedAt: now - 360 }],
    ['whose tokens are to be renewed', { renewAt: now }],
    ['whose tokens go before it', { copy: { ...copy, keptUntil: now + keep } }],
    ['that only a script can pass on', { wants: 's' }],
    ['whose access token may have to be dropped', { wants: 'ad' }],
    ['whose access token may have to be refused', { wants: 'ar' }],
  ])('is not asked about, but looked at as a whole, where it is one %s', (_name, changes) => {
    const { copy: own, ...record } = sessionRecord(now, { copy, ...(changes as object) });
    expect(onlyToCheck(encodeRecord(own ? { ...record, copy: own } : record), now, keep)).toBeUndefined();
  });

  it.each(['', 'ai'])('is the same afterwards but for its times, where the location wants "%s"', (wants) => {
    const record = sessionRecord(now, { copy, wants, tokenSet: 'name.2.10.20.30', variables: { a: 'x y', b: '' } });
    const again = trustedAgain(encodeRecord(record), now, 5);
    const noted = { ...record, copy: { ...copy, checkedAt: now, freshUntil: now + 5 } };
    expect(again).toBe(encodeRecord(noted));
    expect(decodeRecord(again)).toEqual(noted);
  });

  it.each([
    ['the end', { endsAt: now + 3 }],
    ['the next note of its use', { usedAt: now - 357 }],
    ['the renewal', { renewAt: now + 3 }],
  ])('is trusted no longer than until %s', (_name, changes) => {
    expect(trustedAgain(encodeRecord(sessionRecord(now, { copy, ...changes })), now, 5)).toMatch(
      new RegExp(`^${now + 3}\n`),
    );
  });
});
