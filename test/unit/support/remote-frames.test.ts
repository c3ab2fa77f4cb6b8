import { describe, expect, it } from 'vitest';
import { contentOf, FunctionMark, frame, frameReader, kindOf } from '../../support/remote/frames';

describe('frames of the control connection', () => {
  const value = {
    text: 'ü',
    none: undefined,
    never: Number.POSITIVE_INFINITY,
    bytes: Buffer.from([0, 255]),
    list: [1, [2]],
    query: new URLSearchParams('a=1&a=2'),
  };

  it('carry values as they are', () => {
    const bytes = frame('answer', value);
    expect(kindOf(bytes)).toBe('answer');
    expect(contentOf(bytes)).toEqual({ ...value, bytes: expect.any(Uint8Array) });
    expect(String((contentOf(bytes) as typeof value).query)).toBe('a=1&a=2');
  });

  it('carry functions as numbers, which the sender knows them by', () => {
    const kept: unknown[] = [];
    const hook = () => 1;
    const bytes = frame('ask', { does: [hook] }, (fn) => kept.push(fn) - 1);
    expect(contentOf(bytes)).toEqual({ does: [new FunctionMark(0)] });
    expect(kept).toEqual([hook]);
  });

  it('are whole again however the stream was cut', () => {
    const sent = ['one', 'x'.repeat(300), ''];
    const stream = Buffer.concat(sent.map((one) => frame('hook', one)));
    for (const size of [1, 7, stream.length]) {
      const got: unknown[] = [];
      const read = frameReader((bytes) => got.push(contentOf(bytes)));
      for (let at = 0; at < stream.length; at += size) read(stream.subarray(at, at + size));
      expect(got).toEqual(sent);
    }
  });
});
