import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decryptJwe, isJwe } from '../../../src/protocol/jwe';
import { contentKey } from '../../../src/protocol/jwe-key';
import { type PrivateKey, parsePrivateKeys } from '../../../src/protocol/private-key';
import { encryptedTo, forgedJwe, type Recipient, recipient } from '../../support/encrypted-token';

const rsa = await recipient('RSA-OAEP');
const ec = await recipient('ECDH-ES');
const keysOf = (...all: Recipient[]): PrivateKey[] =>
  all.flatMap(({ privateJwk }) => parsePrivateKeys(JSON.stringify(privateJwk)));
const keys = keysOf(rsa, ec);
const inside = 'header.payload.sign\u00e4ture';
const open = (token: string, by = keys) => decryptJwe(token, by, 'ID token');
const refusal = (code: string, detail: RegExp) =>
  expect.objectContaining({ code, detail: expect.stringMatching(detail) });

const algorithms = ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES'];
const encryptions = ['A128GCM', 'A256GCM', 'A128CBC-HS256', 'A256CBC-HS512'];
const pairs = algorithms.flatMap((alg) => encryptions.map((enc) => [alg, enc] as const));

describe('an encrypted token', () => {
  it.each(pairs)('%s with %s opens with the private key', async (alg, enc) => {
    const token = await encryptedTo(alg === 'ECDH-ES' ? ec : rsa, inside, alg, enc);
    expect(isJwe(token)).toBe(true);
    expect(await open(token)).toBe(inside);
  });

  it.each(['P-384', 'P-521'])('is agreed on over %s, too', async (crv) => {
    const to = await recipient('ECDH-ES', 1, crv);
    const token = await encryptedTo(to, inside, 'ECDH-ES', 'A256GCM', { apu: 'QWxpY2U', apv: 'Qm9i' });
    expect(await open(token, keysOf(ec, to))).toBe(inside);
  });

  it('has the key that the example of RFC 7518 appendix C derives', async () => {
    const [bob] = parsePrivateKeys(
      JSON.stringify({
        kty: 'EC',
        crv: 'P-256',
        x: 'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ',
        y: 'e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck',
        d: 'VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw',
      }),
    );
    const epk = {
      kty: 'EC',
      crv: 'P-256',
      x: 'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0',
      y: 'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps',
    };
    const header = { apu: 'QWxpY2U', apv: 'Qm9i', epk };
    const none = new Uint8Array(0);
    const jwe = {
      alg: 'ECDH-ES',
      enc: 'A128GCM',
      header,
      aad: none,
      encryptedKey: none,
      iv: none,
      ciphertext: none,
      tag: none,
    };
    const key = await contentKey(jwe, bob as PrivateKey);
    expect(Buffer.from(key).toString('base64url')).toBe('VqqN6vgjbSBcIijNcacQGg');
  });

  it('finds the key of its kid, else every key that fits', async () => {
    const other = await recipient('RSA-OAEP', 2);
    const both = keysOf(other, rsa);
    const named = await encryptedTo(rsa, inside, 'RSA-OAEP', 'A256GCM');
    const unnamed = await encryptedTo(rsa, inside, 'RSA-OAEP', 'A256GCM', { kid: undefined });
    expect(await open(named, both)).toBe(inside);
    expect(await open(unnamed, both)).toBe(inside);
    await expect(open(named, keysOf(other))).rejects.toEqual(refusal('decryption_failed', /none of the 0 that fit/));
  });

  it('does not open with a key that is for signatures, or for another algorithm', async () => {
    const token = await encryptedTo(rsa, inside, 'RSA-OAEP', 'A256GCM');
    for (const change of [{ use: 'sig' }, { alg: 'RSA-OAEP-256' }]) {
      const changed = keysOf({ ...rsa, privateJwk: { ...rsa.privateJwk, ...change } });
      await expect(open(token, changed)).rejects.toEqual(refusal('decryption_failed', /none of the 0 that fit/));
    }
  });

  it.each([
    ['RSA1_5', 'A256GCM'],
    ['dir', 'A256GCM'],
    ['A128KW', 'A256GCM'],
    ['A128GCMKW', 'A256GCM'],
    ['PBES2-HS256+A128KW', 'A256GCM'],
    ['ECDH-ES+A128KW', 'A256GCM'],
    ['RS256', 'A256GCM'],
    ['none', 'A256GCM'],
    ['toString', 'A256GCM'],
    [undefined, 'A256GCM'],
    [['RSA-OAEP'], 'A256GCM'],
    ['RSA-OAEP', 'A192GCM'],
    ['RSA-OAEP', 'A128CBC'],
    ['RSA-OAEP', 'constructor'],
    ['RSA-OAEP', undefined],
  ])('with alg %j and enc %j is refused, and says what to use', async (alg, enc) => {
    await expect(open(forgedJwe(rsa, inside, { alg, enc }))).rejects.toEqual(
      refusal('id_token_algorithm', /have the provider use RSA-OAEP-256 or ECDH-ES/),
    );
  });

  it.each(['zip', 'crit', 'b64'])('with %s is refused', async (member) => {
    const token = forgedJwe(rsa, inside, { [member]: member === 'zip' ? 'DEF' : ['exp'] });
    await expect(open(token)).rejects.toEqual(refusal('id_token_algorithm', new RegExp(member)));
  });

  it('does not open when any part of it was changed', async () => {
    for (const token of [
      await encryptedTo(rsa, inside, 'RSA-OAEP', 'A128CBC-HS256'),
      await encryptedTo(rsa, inside, 'RSA-OAEP', 'A256GCM'),
      await encryptedTo(ec, inside, 'ECDH-ES', 'A256CBC-HS512'),
    ]) {
      for (const [index, part] of token.split('.').entries()) {
        if (part === '') continue;
        const bytes = Buffer.from(part, 'base64url');
        // of the header a letter of "cty", which nothing else depends on
        const at = index === 0 ? bytes.indexOf('JWT') : bytes.length >> 1;
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        const parts = token.split('.').with(index, bytes.toString('base64url'));
        await expect(open(parts.join('.')), `part ${index}`).rejects.toEqual(refusal('decryption_failed', /opens it/));
      }
    }
  });

  it('checks the MAC of CBC before it decrypts: bad padding and a bad MAC look the same', async () => {
    const good = forgedJwe(rsa, inside, {}, { cbc: true });
    expect(await open(good)).toBe(inside);
    const withOtherMac = good.split('.').with(4, randomBytes(16).toString('base64url')).join('.');
    const short = forgedJwe(rsa, inside, {}, { cbc: true }).split('.');
    short[3] = Buffer.from(short[3] ?? '', 'base64url')
      .subarray(0, 5)
      .toString('base64url');
    const messages = await Promise.all(
      [withOtherMac, short.join('.')].map((token) => open(token).catch((error) => error.message)),
    );
    expect(messages[0]).toMatch(/opens it/);
    expect(messages[1]).toBe(messages[0]);
  });

  it.each([
    ['a short tag', { tagBytes: 8 }],
    ['a tag cut off', { tagBytes: 0 }],
    ['another IV than of 96 bits', { ivBytes: 16 }],
    ['a key of another length than its enc has', { cek: randomBytes(16) }],
    ['a short MAC', { cbc: true, tagBytes: 8 }],
  ])('with %s does not open', async (_what, how) => {
    await expect(open(forgedJwe(rsa, inside, {}, how))).rejects.toEqual(refusal('decryption_failed', /opens it/));
  });

  it('with a point that is not on the curve does not open', async () => {
    const token = await encryptedTo(ec, inside, 'ECDH-ES', 'A256GCM');
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    for (const epk of [
      { ...header.epk, y: header.epk.x },
      { ...header.epk, crv: 'P-384' },
      { ...header.epk, kty: 'RSA' },
      { ...header.epk, x: '' },
      null,
      'P-256',
    ]) {
      const head = Buffer.from(JSON.stringify({ ...header, epk })).toString('base64url');
      await expect(open(token.split('.').with(0, head).join('.'))).rejects.toMatchObject({ code: 'decryption_failed' });
    }
  });

  it.each(['', '....', 'a.b.c', 'a.b.c.d.e.f', 'e30.a.a.a.a', `${'a'.repeat(400_001)}.a.a.a.a`])(
    'that is none (%.20s) is refused',
    async (token) => {
      await expect(open(token)).rejects.toMatchObject({ code: expect.stringMatching(/^id_token_/) });
    },
  );

  it('that holds no UTF-8 does not open', async () => {
    await expect(open(forgedJwe(rsa, Buffer.from([0xff, 0xfe, 0xc3]), {}))).rejects.toMatchObject({
      code: 'decryption_failed',
    });
  });

  it('names the key and never what is inside', async () => {
    const error = await open(await encryptedTo(rsa, inside, 'RSA-OAEP-256', 'A256GCM'), keysOf(ec)).catch((e) => e);
    expect(error.detail).toContain('"RSA-1"');
    expect(error.detail).toContain('$oidc_decryption_keyfile');
    expect(error.detail).toContain('njs 0.8');
  });
});

describe('a text', () => {
  it.each(['a.b.c.d.e', 'a....', 'a-_.b..d.e'])('%s has the form of an encrypted token', (text) => {
    expect(isJwe(text)).toBe(true);
  });
  it.each(['', '....', 'a.b.c', 'a.b.c.d', 'a.b.c.d.e.f', '{"a":"b.c.d.e.f"}', 'a.b.c.d.e '])('%j has not', (text) => {
    expect(isJwe(text)).toBe(false);
  });
});
