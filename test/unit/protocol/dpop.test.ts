import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { accessTokenHash, createDpopKey, dpopJkt, dpopProof } from '../../../src/protocol/dpop';

const now = 1_800_000_000;
const proven = { method: 'POST', url: 'https://idp.test/token', now };

async function verified(key: string, more: Partial<Parameters<typeof dpopProof>[1]> = {}) {
  const proof = await dpopProof(key, { ...proven, ...more });
  return jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'], currentDate: new Date(now * 1000) });
}

describe('a DPoP proof', () => {
  it('is signed by the key whose public half it has', async () => {
    const key = await createDpopKey();
    const { payload, protectedHeader } = await verified(key);
    expect(payload).toEqual({ jti: payload.jti, htm: 'POST', htu: 'https://idp.test/token', iat: now });
    expect(payload.jti).toMatch(/^[\w-]{22}$/);
    expect(Object.keys(protectedHeader)).toEqual(['alg', 'typ', 'jwk']);
    expect(await calculateJwkThumbprint(protectedHeader.jwk ?? { kty: '' })).toBe(await dpopJkt(key));
  });

  it('never has the private half in it', async () => {
    const key = await createDpopKey();
    const [, , secret = ''] = key.split('.');
    const [header = ''] = (await dpopProof(key, proven)).split('.');
    expect(secret).toHaveLength(43);
    expect(Object.keys(JSON.parse(Buffer.from(header, 'base64url').toString()).jwk)).toEqual(['kty', 'crv', 'x', 'y']);
    expect(Buffer.from(header, 'base64url').toString()).not.toContain(secret);
  });

  it('is for an address without query and fragment, a nonce, and the hash of an access token', async () => {
    const key = await createDpopKey();
    const { payload } = await verified(key, {
      method: 'GET',
      url: 'https://api.test/a/b?c=d#e',
      nonce: 'n',
      accessToken: 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU',
    });
    expect(payload).toMatchObject({ htm: 'GET', htu: 'https://api.test/a/b', nonce: 'n' });
    // the example of RFC 9449 section 7.1
    expect(payload.ath).toBe('fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo');
    expect(await accessTokenHash('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
  });

  it('is another one each time, and so is a key', async () => {
    const keys = await Promise.all([1, 2, 3].map(createDpopKey));
    expect(new Set(keys).size).toBe(3);
    const ids = await Promise.all([1, 2, 3].map(async () => (await verified(keys[0] ?? '')).payload.jti));
    expect(new Set(ids).size).toBe(3);
  });
});
