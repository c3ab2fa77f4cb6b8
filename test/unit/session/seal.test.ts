import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { open, type Seal, seal } from '../../../src/session/seal';

const by: Seal = { purpose: 'test', secret: 'a secret' };

describe('a sealed text', () => {
  it('opens with the same secret, purpose and context', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string(), async (text, context) => {
        expect(await open(by, context, await seal(by, context, text))).toBe(text);
      }),
    );
  });

  it.each([
    ['another secret', { ...by, secret: 'a Secret' }, 'c'],
    ['another purpose', { ...by, purpose: 'login' }, 'c'],
    ['another context', by, 'C'],
    ['a purpose and context that only read alike', { ...by, purpose: 'test\nc' }, ''],
  ])('does not open with %s', async (_name, other, context) => {
    expect(await open(other, context, await seal(by, 'c', 'text'))).toBeUndefined();
  });

  it('is another one each time, and shows nothing of the text', async () => {
    const sealed = await Promise.all(Array.from({ length: 20 }, () => seal(by, '', 'the secret text')));
    expect(new Set(sealed).size).toBe(20);
    expect(new Set(sealed.map((one) => one.slice(0, 16))).size).toBe(20);
    for (const one of sealed) expect(Buffer.from(one, 'base64url').toString('latin1')).not.toContain('secret');
  });

  it('does not open when it is cut, longer, or written in another way', async () => {
    const sealed = await seal(by, '', 'text');
    for (const wrong of [sealed.slice(0, -1), sealed.slice(0, 37), `${sealed}A`, `${sealed}=`, ` ${sealed}`, '']) {
      expect(await open(by, '', wrong), wrong).toBeUndefined();
    }
  });

  it('is never a text from outside', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.base64String()), async (text) => {
        expect(await open(by, '', text)).toBeUndefined();
      }),
    );
  });
});
