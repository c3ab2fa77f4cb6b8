import { describe, expect, it } from 'vitest';
import { violations } from '../../history/check';
import { type History, newHistory, type SignOut, type Trouble, type Visit } from '../../history/history';

const visit = (changes: Partial<Visit> = {}): Visit => ({
  began: 100_000,
  ended: 100_050,
  node: 1,
  person: 'alice',
  session: 1,
  outcome: 'in',
  status: 200,
  seenAs: 'alice',
  ...changes,
});
const signOut = (changes: Partial<SignOut> = {}): SignOut => ({
  sessions: [1],
  acknowledged: 90_000,
  by: 'person',
  ...changes,
});
const trouble = (changes: Partial<Trouble> = {}): Trouble => ({
  what: 'the store is frozen',
  from: 80_000,
  to: 99_000,
  nodes: [1],
  forgets: false,
  ...changes,
});
const check = (history: Partial<History>) => violations({ ...newHistory(), ...history }, { freshness: 5 });

describe('the checker of histories', () => {
  it('finds nothing in a history where all is well', () => {
    expect(
      check({
        visits: [visit(), visit({ session: 2, outcome: 'out' })],
        signOuts: [signOut({ sessions: [2] })],
        tokenUses: [
          { token: 'a', at: 1 },
          { token: 'b', at: 2 },
        ],
        endings: [{ person: 'alice', session: 1, outcome: 'in', signedInAgain: false }],
      }),
    ).toEqual([]);
  });

  it('finds somebody who was let in as somebody else, or as nobody', () => {
    expect(check({ visits: [visit({ seenAs: 'bob' })] })).toHaveLength(1);
    const { seenAs: _, ...asNobody } = visit();
    expect(check({ visits: [asNobody] })).toHaveLength(1);
  });

  it('finds a cookie that was good later than freshness and a second after its sign-out', () => {
    expect(check({ visits: [visit({ began: 96_001 })], signOuts: [signOut()] })).toHaveLength(1);
    expect(check({ visits: [visit({ began: 96_000 })], signOuts: [signOut()] })).toEqual([]);
    expect(check({ visits: [visit({ session: 2 })], signOuts: [signOut()] })).toEqual([]);
  });

  it('counts from the first sign-out of a session', () => {
    const signOuts = [signOut({ acknowledged: 99_000 }), signOut({ by: 'provider' })];
    expect(check({ visits: [visit()], signOuts })).toHaveLength(1);
  });

  it('forgives a node that could not reach the store, until it could again', () => {
    const history = { visits: [visit()], signOuts: [signOut()] };
    expect(check({ ...history, troubles: [trouble()] })).toEqual([]);
    expect(check({ ...history, troubles: [trouble({ nodes: [2] })] })).toHaveLength(1);
    expect(check({ ...history, troubles: [trouble({ to: 91_000 })] })).toHaveLength(1);
    const late = [visit({ began: 110_000, ended: 110_050 })];
    expect(check({ ...history, visits: late, troubles: [trouble()] })).toHaveLength(1);
  });

  it('forgives a store that forgot a sign-out it had acknowledged just before', () => {
    const history = { visits: [visit()], signOuts: [signOut()] };
    const forgets = (from: number, to: number) => [trouble({ from, to, forgets: true, nodes: [2] })];
    expect(check({ ...history, troubles: forgets(91_000, 92_000) })).toEqual([]);
    expect(check({ ...history, troubles: forgets(93_000, 94_000) })).toHaveLength(1);
    expect(check({ ...history, troubles: forgets(80_000, 87_000) })).toHaveLength(1);
  });

  it('finds a refresh token that was sent twice, unless something was away meanwhile', () => {
    const tokenUses = [
      { token: 'a', at: 50_000 },
      { token: 'a', at: 52_000 },
    ];
    expect(check({ tokenUses })).toHaveLength(1);
    expect(check({ tokenUses, troubles: [trouble({ from: 51_000, to: 51_500 })] })).toEqual([]);
    expect(check({ tokenUses, troubles: [trouble({ from: 60_000, to: 61_000 })] })).toHaveLength(1);
  });

  it('finds who is left out in the end, or had to sign in again although nothing was lost', () => {
    const ending = { person: 'alice', session: 1, outcome: 'out' as const, signedInAgain: true };
    expect(check({ endings: [ending] })).toHaveLength(1);
    expect(check({ endings: [ending], troubles: [trouble()] })).toEqual([]);
    expect(check({ endings: [ending], signOuts: [signOut()] })).toEqual([]);
    expect(check({ endings: [{ ...ending, signedInAgain: false }], troubles: [trouble()] })).toHaveLength(1);
  });
});
