import { describe, expect, it } from 'vitest';
import { remembered } from '../../../src/protocol/remembered';

describe('a remembered function', () => {
  it('makes a thing once for the same arguments, and again for others', () => {
    let made = 0;
    const make = remembered(2, (a: string, b: number) => `${a}${b} ${++made}`);
    expect([make('x', 1), make('x', 1), make('x', 2), make('y', 1)]).toEqual(['x1 1', 'x1 1', 'x2 2', 'y1 3']);
  });

  it('keeps the last ones only', () => {
    let made = 0;
    const make = remembered(2, (a: string) => `${a} ${++made}`);
    expect(['a', 'b', 'c', 'b', 'a'].map((one) => make(one))).toEqual(['a 1', 'b 2', 'c 3', 'b 2', 'a 4']);
  });

  it('tells objects apart that look alike', () => {
    const make = remembered(4, (a: object) => ({ a }));
    const [one, other] = [{}, {}];
    expect(make(one)).toBe(make(one));
    expect(make(one)).not.toBe(make(other));
  });
});
