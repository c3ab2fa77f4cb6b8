import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { parsePrivateKeys } from '../../../src/protocol/private-key';
import { secretSigner, signerOf, signingAlgorithm, signJws } from '../../../src/protocol/sign-jws';

const pair = {
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
};
function keyOf(key: KeyObject, more: object = {}) {
  const [read] = parsePrivateKeys(JSON.stringify({ ...key.export({ format: 'jwk' }), ...more }));
  if (!read) throw new Error('no key');
  return read;
}

describe('a signature', () => {
  it.each([
    ['PS256', 'RSA'],
    ['PS512', 'RSA'],
    ['RS256', 'RSA'],
    ['ES256', 'P-256'],
    ['ES384', 'P-384'],
    ['ES512', 'P-521'],
  ] as const)('by %s holds for others', async (alg, kind) => {
    const { privateKey, publicKey } = pair[kind];
    const token = await signJws(await signerOf(keyOf(privateKey), alg), { typ: 'JWT', kid: 'k' }, { sub: 'Zoë' });
    expect(decodeProtectedHeader(token)).toEqual({ alg, typ: 'JWT', kid: 'k' });
    const { payload } = await compactVerify(token, publicKey, { algorithms: [alg] });
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual({ sub: 'Zoë' });
  });

  it('by a secret holds for those who have it', async () => {
    const secret = 'a secret of thirty-two characters';
    const token = await signJws(await secretSigner(secret, 'HS256'), {}, { sub: 'a' });
    await expect(compactVerify(token, Buffer.from(secret))).resolves.toBeTruthy();
    await expect(compactVerify(token, Buffer.from(`${secret}!`))).rejects.toThrow();
  });
});

describe('the algorithm', () => {
  const rsa = (more?: object) => keyOf(pair.RSA.privateKey, more);
  const ec = (more?: object) => keyOf(pair['P-256'].privateKey, more);
  it.each([
    ['PS256 of an RSA key', rsa(), undefined, 'PS256'],
    ['PS256 where both are taken', rsa(), ['RS256', 'PS256'], 'PS256'],
    ['RS256 where that is asked', rsa(), ['HS256', 'RS256'], 'RS256'],
    ['what the key says', rsa({ alg: 'RS256' }), ['RS256', 'PS256'], 'RS256'],
    ['that of the curve', ec(), undefined, 'ES256'],
    ['none, where the key says another than is taken', rsa({ alg: 'RS256' }), ['PS256'], undefined],
    ['none, where the key says one of another kind', ec({ alg: 'RS256' }), undefined, undefined],
    ['none of a key for encryption', rsa({ use: 'enc' }), undefined, undefined],
    ['none, where only others are taken', ec(), ['PS256', 'HS256'], undefined],
  ])('is %s', (_name, key, accepted, alg) => {
    expect(signingAlgorithm(key, accepted)).toBe(alg);
  });
});
