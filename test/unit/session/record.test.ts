import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord, isLive, timeToLive } from '../../../src/session/record';
import { sessionRecord } from '../../support/session-fixture';

const now = 1_800_000_000;
const firstLine = (text: string) => Number(text.split('\n')[0]);

describe('a session record', () => {
  it('comes back from the store as it went', () => {
    const name = fc.stringMatching(/^(oidc|jwt)_claim_[a-z0-9_]{1,20}$/);
    const value = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(fc.dictionary(name, value), (v) => {
        const record = sessionRecord(now, { variables: { ...v } });
        expect(decodeRecord(encodeRecord(record))).toEqual(record);
      }),
    );
  });

  it('has no variables that a value made up', () => {
    const v = { jwt_claim_sub: 'alice\njwt_claim_role\nadmin' };
    expect(Object.keys(decodeRecord(encodeRecord(sessionRecord(now, { variables: v })))?.variables ?? {})).toEqual([
      'jwt_claim_sub',
    ]);
  });

  it.each([
    '',
    '{}',
    'x',
    '1',
    '1\n2',
    '1\n1 2 3 4 5',
    '-1\n1 2 3 4 5 t.1',
    '1\n1 2 3 4 x t.1',
    'Infinity\n1 2 3 4 5 t.1',
    '1\n1 2 3 4 5 t 1',
  ])('is not %j', (text) => {
    expect(decodeRecord(text)).toBeUndefined();
  });

  it('is quiet until it must be noted, renewed or ended, whatever comes first', () => {
    expect(firstLine(encodeRecord(sessionRecord(now)))).toBe(now + 240);
    expect(firstLine(encodeRecord(sessionRecord(now, { renewAt: 0 })))).toBe(now + 360);
    expect(firstLine(encodeRecord(sessionRecord(now, { renewAt: 0, endsAt: now + 60 })))).toBe(now + 60);
  });

  it('lives to its absolute end or until it is idle, and no longer in the store', () => {
    const record = sessionRecord(now);
    expect([isLive(record, now + 3599), isLive(record, now + 3600)]).toEqual([true, false]);
    expect(isLive(sessionRecord(now, { endsAt: now + 60 }), now + 60)).toBe(false);
    expect(timeToLive(record, now)).toBe(3600);
    expect(timeToLive(sessionRecord(now, { endsAt: now + 60 }), now)).toBe(60);
  });
});
