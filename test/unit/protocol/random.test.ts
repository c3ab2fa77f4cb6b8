import { expect, it } from 'vitest';
import { randomToken } from '../../../src/protocol/random';

it.each([1, 16, 32])('a random token of %i bytes has so many, and every bit of them changes', (bytes) => {
  const seen = { ones: Buffer.alloc(bytes), zeros: Buffer.alloc(bytes) };
  for (let i = 0; i < 200; i++) {
    const token = Buffer.from(randomToken(bytes), 'base64url');
    expect(token).toHaveLength(bytes);
    token.forEach((byte, at) => {
      seen.ones[at] = (seen.ones[at] ?? 0) | byte;
      seen.zeros[at] = (seen.zeros[at] ?? 0) | (~byte & 0xff);
    });
  }
  expect(seen.ones).toEqual(Buffer.alloc(bytes, 0xff));
  expect(seen.zeros).toEqual(Buffer.alloc(bytes, 0xff));
});
