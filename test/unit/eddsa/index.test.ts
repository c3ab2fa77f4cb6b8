import { generateKeyPairSync, sign, verify as verifyInNode } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import '../../../src/eddsa/index';
import { ed25519Verifier, type SharedByScripts, type VerifyEd25519 } from '../../../src/protocol/ed25519';
import { type Jwk, parseJwks } from '../../../src/protocol/jwks';
import { decodeJws, verifyJws } from '../../../src/protocol/jws';
import { type Signer, signerOf } from '../../support/signed-token';

const shared = globalThis as SharedByScripts;
const verifier = ed25519Verifier() as VerifyEd25519;
const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

/** An integer of 32 bytes, little end first. */
function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

describe('a signature by Ed25519', () => {
  // RFC 8032 section 7.1: public key, message, signature
  it.each([
    [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
  ])('holds as in the standard, by key %s', (key, message, signature) => {
    expect(verifier(hex(signature), hex(message), hex(key))).toBe(true);
    expect(verifier(hex(signature), hex(`${message}00`), hex(key))).toBe(false);
  });

  it('holds where that of Node does, and nowhere else', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, fc.nat(64 * 8 - 1), fc.nat(32 * 8 - 1), (message, inSignature, inKey) => {
        const { publicKey, privateKey } = generateKeyPairSync('ed25519');
        const x = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
        const signature = sign(null, message, privateKey);
        expect(verifier(signature, message, x)).toBe(true);
        for (const [one, key] of [
          [flipped(signature, inSignature), x],
          [signature, flipped(x, inKey)],
        ] as const) {
          expect(verifier(one, message, key)).toBe(inNode(one, message, key));
        }
        expect(verifier(signature, Buffer.concat([message, Buffer.from([0])]), x)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('does not hold when its S is not the smallest that there is', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const x = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    const message = Buffer.from('message');
    const signature = sign(null, message, privateKey);
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`);
    const withS = (value: bigint) => Buffer.concat([signature.subarray(0, 32), littleEndian(value)]);
    expect(verifier(withS(s), message, x)).toBe(true);
    for (let times = 1n; times < 15n; times++) expect(verifier(withS(s + times * order), message, x)).toBe(false);
  });

  // all points of small order, in each way to write them
  const small = [
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '0100000000000000000000000000000000000000000000000000000000000080',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  ];

  it.each(small)('never holds for the key of small order %s, which would fit any message', (key) => {
    const message = Buffer.from('any message');
    for (const r of small) {
      const forged = hex(r + '00'.repeat(32));
      expect(ed25519.verify(forged, message, hex(key), { zip215: true }), 'where the rules are lax').toBe(true);
      expect(verifier(forged, message, hex(key))).toBe(false);
    }
  });

  it.each([
    [0, 32],
    [63, 32],
    [65, 32],
    [64, 0],
    [64, 31],
    [64, 33],
  ])('of %i bytes with a key of %i bytes is none', (signature, key) => {
    expect(() => verifier(Buffer.alloc(signature), Buffer.from('x'), Buffer.alloc(key))).toThrow();
  });
});

function flipped(bytes: Uint8Array, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

function inNode(signature: Uint8Array, message: Uint8Array, x: Uint8Array): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(x).toString('base64url') };
  return verifyInNode(null, message, { key: jwk, format: 'jwk' }, signature);
}

describe.each(['EdDSA', 'Ed25519'])('a token signed with %s', (alg) => {
  const claims = { sub: 'alice' };
  const keysOf = (signer: Signer): Jwk[] => parseJwks(JSON.stringify({ keys: [signer.jwk] }));
  const verify = (token: string, keys: Jwk[], algorithms = [alg]) => verifyJws(decodeJws(token), keys, { algorithms });
  const known = shared.oidcVerifyEd25519;
  let signer: Signer;
  beforeEach(async () => {
    signer = await signerOf(alg);
  });
  afterEach(() => {
    Object.assign(shared, { oidcVerifyEd25519: known });
  });

  it('holds by its key alone', async () => {
    const token = await signer.sign(claims);
    expect((await verify(token, keysOf(signer))).payload).toEqual(claims);
    const forged = await (await signerOf(alg, 2)).sign(claims, { kid: signer.jwk.kid });
    await expect(verify(forged, keysOf(signer))).rejects.toMatchObject({ code: 'id_token_signature' });
    await expect(verify(token, keysOf(signer), ['RS256'])).rejects.toMatchObject({ code: 'id_token_algorithm' });
    await expect(verify(token, keysOf(await signerOf('ES256')))).rejects.toMatchObject({ code: 'unknown_key' });
  });

  it('does not hold with another algorithm in the name of its key', async () => {
    const token = await signer.sign(claims);
    const other = alg === 'EdDSA' ? 'Ed25519' : 'EdDSA';
    for (const named of [other, 'ES256']) {
      const keys = parseJwks(JSON.stringify({ keys: [{ ...signer.jwk, alg: named }] }));
      await expect(verify(token, keys)).rejects.toMatchObject({ code: 'unknown_key' });
    }
  });

  it('is refused without openid_connect_eddsa.js, with what to do', async () => {
    delete shared.oidcVerifyEd25519;
    const refusal = (words: RegExp) => ({ code: 'id_token_algorithm', detail: expect.stringMatching(words) });
    const token = await signer.sign(claims);
    await expect(verify(token, keysOf(signer))).rejects.toMatchObject(refusal(/uncomment its js_import line/));
    const { BigInt: big } = shared;
    Object.assign(shared, { BigInt: undefined });
    try {
      await expect(verify(token, keysOf(signer))).rejects.toMatchObject(refusal(/that takes QuickJS/));
    } finally {
      Object.assign(shared, { BigInt: big });
    }
  });

  it('is refused when the verifier throws, or says anything but yes', async () => {
    const token = await signer.sign(claims);
    const throwing = () => {
      throw new Error('no');
    };
    for (const broken of [throwing, () => 'yes', () => 1, () => undefined]) {
      Object.assign(shared, { oidcVerifyEd25519: broken });
      await expect(verify(token, keysOf(signer))).rejects.toMatchObject({ code: 'id_token_signature' });
    }
  });
});
