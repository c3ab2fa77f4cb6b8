import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { createDpopKey } from '../../../src/protocol/dpop';
import type { ProviderAnswer } from '../../../src/provider/call';
import type { ProviderContext } from '../../../src/provider/context';
import { newDpopKey, nonceFor, rememberNonce, withProof } from '../../../src/provider/dpop';
import { memoryStore } from '../../support/memory-store';

const url = 'https://idp.test/token';
const key = await createDpopKey();
const answer = (change: Partial<ProviderAnswer>): ProviderAnswer => ({
  status: 200,
  contentType: '',
  date: '',
  text: '',
  dpopNonce: '',
  challenge: '',
  ...change,
});
const wantsNonce = (dpopNonce: string) => answer({ status: 400, text: '{"error":"use_dpop_nonce"}', dpopNonce });

/** Plays answers one after the other; the nonces of the proofs that were sent. */
async function played(answers: ProviderAnswer[], cache = memoryStore(), by = key) {
  const sent: unknown[] = [];
  const last = await withProof({ cache } as unknown as ProviderContext, by, { method: 'POST', url }, async (proof) => {
    sent.push(proof && decodeJwt(proof).nonce);
    return answers.shift() as ProviderAnswer;
  });
  return { sent, last };
}

describe('a call with a proof', () => {
  it('is made again with the nonce that the server asks for', async () => {
    expect((await played([wantsNonce('one'), answer({})])).sent).toEqual([undefined, 'one']);
    const challenge = answer({ status: 401, challenge: 'DPoP error="use_dpop_nonce"', dpopNonce: 'two' });
    expect((await played([challenge, answer({})])).sent).toEqual([undefined, 'two']);
  });

  it.each([
    ['any other error', answer({ status: 400, text: '{"error":"invalid_grant"}', dpopNonce: 'one' })],
    ['a wish for a nonce without one', wantsNonce('')],
    ['a nonce with characters that none has', wantsNonce('a b')],
    ['a nonce without end', wantsNonce('a'.repeat(1001))],
    ['an error of the server', answer({ status: 503, text: 'use_dpop_nonce', dpopNonce: 'one' })],
  ])('is not made again for %s', async (_what, first) => {
    const { sent, last } = await played([first]);
    expect([sent.length, last]).toEqual([1, first]);
  });

  it('is made twice at most, and once where the nonce stays the same', async () => {
    expect((await played([wantsNonce('one'), wantsNonce('two')])).sent).toHaveLength(2);
    const cache = memoryStore();
    rememberNonce(cache, url, 'one');
    expect((await played([wantsNonce('one')], cache)).sent).toEqual(['one']);
  });

  it('remembers a nonce of any answer, for that server alone', async () => {
    const cache = memoryStore();
    await played([answer({ dpopNonce: 'next' })], cache);
    expect(nonceFor(cache, 'https://idp.test/userinfo?x')).toBe('next');
    expect(nonceFor(cache, 'https://idp.test:8443/token')).toBeUndefined();
    expect(nonceFor(cache, 'https://idp.test.evil/token')).toBeUndefined();
  });

  it('has no proof without a key', async () => {
    expect((await played([answer({ dpopNonce: 'x' })], memoryStore(), '')).sent).toEqual(['']);
  });
});

describe('a key', () => {
  it('is made where the provider takes ES256, or does not say', async () => {
    expect(await newDpopKey({} as never)).toMatch(/^[\w-]{43}\.[\w-]{43}\.[\w-]{43}$/);
    await newDpopKey({ dpop_signing_alg_values_supported: ['PS256', 'ES256'] } as never);
    await expect(newDpopKey({ dpop_signing_alg_values_supported: ['EdDSA'] } as never)).rejects.toMatchObject({
      code: 'config_invalid',
      detail: expect.stringContaining('EdDSA only'),
    });
  });
});
