import fc from 'fast-check';
import { compactVerify, importJWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Jwk, parseJwks } from '../../../src/protocol/jwks';
import { decodeJws, verifyJws } from '../../../src/protocol/jws';
import { allAlgorithms, type Signer, signerOf } from '../../support/signed-token';

const claims = { iss: 'https://idp.test', sub: 'alice', name: 'Zoë 日本' };
const keysOf = (...signers: Signer[]): Jwk[] => parseJwks(JSON.stringify({ keys: signers.map(({ jwk }) => jwk) }));
const verify = async (token: string, keys: Jwk[], algorithms = allAlgorithms) =>
  verifyJws(decodeJws(token), keys, { algorithms });
const refusal = (code: string) => expect.objectContaining({ code });
const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

describe.each(allAlgorithms)('a token signed with %s', (alg) => {
  let signer: Signer;
  let token: string;
  beforeAll(async () => {
    signer = await signerOf(alg);
    token = await signer.sign(claims);
  });

  it('that jose made holds', async () => {
    expect((await verify(token, keysOf(signer))).payload).toEqual(claims);
  });

  it('by another key of the same name does not hold', async () => {
    const other = await signerOf(alg, 2);
    const forged = await other.sign(claims, { kid: signer.jwk.kid });
    await expect(verify(forged, keysOf(signer))).rejects.toThrow(refusal('id_token_signature'));
  });

  it('does not hold when the configuration does not list the algorithm', async () => {
    const others = allAlgorithms.filter((one) => one !== alg);
    await expect(verify(token, keysOf(signer), others)).rejects.toThrow(refusal('id_token_algorithm'));
  });

  it.each([0, 1, 2])('changed anywhere in part %i never holds, as jose says too', async (index) => {
    const parts = token.split('.');
    const bytes = Buffer.from(parts[index] ?? '', 'base64url');
    const key = await importJWK(signer.jwk, alg);
    const step = Math.max(1, Math.floor(bytes.length / 24));
    for (let at = 0; at < bytes.length; at += step) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const mutant = parts.map((part, i) => (i === index ? changed.toString('base64url') : part)).join('.');
      await expect(verify(mutant, keysOf(signer)), `byte ${at}`).rejects.toThrow();
      await expect(compactVerify(mutant, key), `byte ${at}`).rejects.toThrow();
    }
  });

  it.each([
    ['nothing', () => Buffer.alloc(0)],
    ['one byte', () => Buffer.alloc(1)],
    ['zeros', (length: number) => Buffer.alloc(length)],
    ['one byte less', (length: number, good: Buffer) => good.subarray(0, length - 1)],
    ['one byte more', (_length: number, good: Buffer) => Buffer.concat([good, Buffer.alloc(1)])],
    ['a DER structure', () => Buffer.from('3006020101020101', 'hex')],
  ])('with %s for a signature does not hold', async (_name, signature) => {
    const [header, payload, good = ''] = token.split('.');
    const bytes = Buffer.from(good, 'base64url');
    const forged = `${header}.${payload}.${signature(bytes.length, bytes).toString('base64url')}`;
    await expect(verify(forged, keysOf(signer))).rejects.toThrow(/^id_token_/);
  });
});

describe('the algorithm of a token', () => {
  it.each(['none', 'None', 'NONE', 'nOnE', '', 'RS257', 'constructor', '__proto__', 'Ed448', 'rs256'])(
    'is never %j, even where the configuration lists it',
    async (alg) => {
      const forged = `${encode({ alg })}.${encode(claims)}.`;
      const keys = keysOf(await signerOf('RS256'));
      await expect(verify(forged, keys, [...allAlgorithms, alg])).rejects.toThrow(refusal('id_token_algorithm'));
    },
  );

  it('that cannot be verified here is not said to be a matter of configuration', async () => {
    const forged = `${encode({ alg: 'Ed448' })}.${encode(claims)}.AAAA`;
    for (const algorithms of [allAlgorithms, [...allAlgorithms, 'Ed448']]) {
      await expect(verify(forged, [], algorithms)).rejects.toMatchObject({
        code: 'id_token_algorithm',
        detail: expect.stringMatching(/Ed448, which is not verified here.*RS256 or ES256$/),
      });
    }
    const known = await (await signerOf('RS256')).sign(claims);
    await expect(verify(known, [], ['ES256'])).rejects.toMatchObject({
      detail: 'the ID token is signed with RS256; $oidc_id_token_algs does not list it',
    });
  });

  it('HS256 names the secret that was tried, not a key of the provider', async () => {
    const token = await (await signerOf('HS256', 2)).sign(claims, { kid: undefined });
    const options = { algorithms: allAlgorithms, secrets: '$oidc_client_secret' };
    const tried = (keys: Jwk[]) => verifyJws(decodeJws(token), keys, options);
    await expect(tried(keysOf(await signerOf('HS256')))).rejects.toMatchObject({
      code: 'id_token_signature',
      detail: 'the signature of the ID token (HS256) was tried with $oidc_client_secret, and does not hold',
    });
    await expect(tried([])).rejects.toMatchObject({
      code: 'unknown_key',
      detail: 'no secret to try HS256 with, which takes $oidc_client_secret',
    });
  });

  it.each([undefined, null, 1, ['RS256'], { toString: 1 }])('is a text, not %j', (alg) => {
    expect(() => decodeJws(`${encode({ alg })}.${encode(claims)}.AAAA`)).toThrow(refusal('id_token_algorithm'));
  });

  it('HS256 does not make a secret of a public key', async () => {
    const signer = await signerOf('RS256');
    const key = await importJWK({ kty: 'oct', k: encode(JSON.stringify(signer.jwk)), alg: 'HS256' });
    const { CompactSign } = await import('jose');
    const forged = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'HS256', kid: signer.jwk.kid })
      .sign(key);
    await expect(verify(forged, keysOf(signer))).rejects.toThrow(refusal('unknown_key'));
  });

  it('must be the one that its key names', async () => {
    const signer = await signerOf('RS256');
    const token = await signer.sign(claims);
    await expect(verify(token, [{ ...signer.jwk, alg: 'PS256' } as Jwk])).rejects.toThrow(refusal('unknown_key'));
  });
});

describe('the key of a token', () => {
  it('that nobody knows may be in a newer set', async () => {
    const token = await (await signerOf('RS256', 2)).sign(claims);
    await expect(verify(token, keysOf(await signerOf('RS256')))).rejects.toThrow(refusal('unknown_key'));
    await expect(verify(token, [])).rejects.toThrow(refusal('unknown_key'));
  });

  it('never comes with the token', async () => {
    const mallory = await signerOf('RS256', 2);
    const good = keysOf(await signerOf('RS256'));
    const brought = { jwk: mallory.jwk, jku: 'https://other.test/jwks', x5u: 'https://other.test/x5u', x5c: ['AA=='] };
    await expect(verify(await mallory.sign(claims, brought), good)).rejects.toThrow(refusal('unknown_key'));
    const known = { ...brought, kid: 'RS256-1' };
    await expect(verify(await mallory.sign(claims, known), good)).rejects.toThrow(refusal('id_token_signature'));
  });

  it('is found among several without a kid', async () => {
    const signers = await Promise.all([1, 2, 3].map((n) => signerOf('ES256', n)));
    const token = await (signers[2] as Signer).sign(claims, { kid: undefined });
    expect((await verify(token, keysOf(...signers))).payload).toEqual(claims);
  });

  it('that the engine cannot read verifies nothing', async () => {
    const token = await (await signerOf('ES256')).sign(claims);
    const broken = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) } as Jwk;
    await expect(verify(token, [broken])).rejects.toThrow(refusal('id_token_signature'));
  });
});

describe('a compact JWS', () => {
  it.each(['crit', 'b64', 'enc', 'zip'])('whose header has %s is not understood, and so refused', async (name) => {
    const header = { alg: 'RS256', [name]: name === 'crit' ? ['exp'] : 'x' };
    expect(() => decodeJws(`${encode(header)}.${encode(claims)}.AAAA`)).toThrow(refusal('id_token_algorithm'));
  });

  it('of 2,000 groups, 73 KB, is read', async () => {
    const signer = await signerOf('RS256');
    const groups = Array.from({ length: 2000 }, (_, n) => `department-${10_000 + n}-readers`);
    const token = await signer.sign({ ...claims, groups });
    expect(token.length).toBeGreaterThan(70_000);
    expect((await verify(token, keysOf(signer))).payload.groups).toEqual(groups);
  });

  it('of more than 256 KB is refused as what it is', () => {
    const token = `${encode({ alg: 'RS256' })}.${encode({ sub: 'x'.repeat(200_000) })}.AAAA`;
    const detail = `the ID token takes ${token.length} bytes, more than 262144: have the provider put fewer groups`;
    expect(() => decodeJws(token)).toThrow(
      expect.objectContaining({ code: 'id_token_invalid', detail: expect.stringContaining(detail) }),
    );
  });

  it('has a text for a kid', () => {
    const token = `${encode({ alg: 'RS256', kid: 7 })}.${encode(claims)}.AAAA`;
    expect(() => decodeJws(token)).toThrow(refusal('id_token_invalid'));
  });

  const header = encode({ alg: 'RS256' });
  it.each([
    ['nothing', ''],
    ['one part', header],
    ['two parts', `${header}.${encode(claims)}`],
    ['four parts', `${header}.${encode(claims)}.AAAA.AAAA`],
    ['five parts, as if encrypted', `${header}.AAAA.AAAA.AAAA.AAAA`],
    ['an empty header', `.${encode(claims)}.AAAA`],
    ['a payload that is no object', `${header}.${encode([claims])}.AAAA`],
    ['a payload that is null', `${header}.${encode('null')}.AAAA`],
    ['a payload that is not JSON', `${header}.${encode('{"sub":')}.AAAA`],
    ['a payload that is not UTF-8', `${header}.${Buffer.from('{"a":"\xff"}', 'latin1').toString('base64url')}.AAAA`],
    ['padding', `${header}.${encode(claims)}.AAA=`],
    ['a space', ` ${header}.${encode(claims)}.AAAA`],
    ['a line break at the end', `${header}.${encode(claims)}.AAAA\n`],
    ['the standard alphabet', `${header}.${encode(claims)}.AA+/`],
  ])('is not %s', (_name, token) => {
    expect(() => decodeJws(token)).toThrow(refusal('id_token_invalid'));
  });

  it('of any text gives a token or one clear error', () => {
    const part = fc.oneof(fc.base64String(), fc.jsonValue().map(encode), fc.string());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        try {
          expect(typeof decodeJws(parts.join('.')).header.alg).toBe('string');
        } catch (error) {
          expect(String((error as { code?: string }).code)).toMatch(/^id_token_/);
        }
      }),
    );
  });
});
