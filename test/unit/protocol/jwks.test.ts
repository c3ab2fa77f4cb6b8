import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { algorithmOf } from '../../../src/protocol/algorithms';
import { isOidcError } from '../../../src/protocol/errors';
import { type Jwk, parseJwks, selectKeys } from '../../../src/protocol/jwks';
import { allAlgorithms, signerOf } from '../../support/signed-token';

const modulus = Buffer.alloc(256, 0xab).toString('base64url');
const rsa = { kty: 'RSA', n: modulus, e: 'AQAB' };
const ec = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) };
const parse = (...keys: unknown[]) => parseJwks(JSON.stringify({ keys }));

describe('a JWK set', () => {
  it('keeps what verification needs, and nothing else', () => {
    const key = { ...rsa, kid: 'one', alg: 'RS256', use: 'sig', x5c: ['x'], d: 'private', key_ops: ['verify'] };
    expect(parse(key)).toEqual([{ ...rsa, kid: 'one', alg: 'RS256' }]);
  });

  it.each([
    ['for encryption', { ...rsa, use: 'enc' }],
    ['that may only sign', { ...rsa, key_ops: ['sign'] }],
    ['whose operations are no list', { ...rsa, key_ops: 'verify' }],
    ['of an unknown kind', { ...rsa, kty: 'AKP' }],
    ['of an unknown curve', { kty: 'OKP', crv: 'Ed448', x: 'A'.repeat(76) }],
    ['for an exchange of keys', { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) }],
    ['of Ed25519 with 31 bytes', { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(42) }],
    ['of Ed25519 with 33 bytes', { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(44) }],
    ['of Ed25519 that is no base64url', { kty: 'OKP', crv: 'Ed25519', x: `${'A'.repeat(42)}=` }],
    ['of no kind', { n: modulus, e: 'AQAB' }],
    ['whose kind is a list', { ...rsa, kty: ['RSA'] }],
    ['whose kind cannot become a text', { ...rsa, kty: { toString: 1, valueOf: 1 } }],
    ['named like a member of Object', { ...rsa, kty: 'constructor' }],
    ['without a modulus', { kty: 'RSA', e: 'AQAB' }],
    ['whose modulus is a number', { ...rsa, n: 3 }],
    ['of RSA with 2040 bits', { ...rsa, n: Buffer.alloc(255, 0xab).toString('base64url') }],
    [
      'of RSA with 2040 bits and a zero before them',
      { ...rsa, n: Buffer.concat([Buffer.alloc(1), Buffer.alloc(255, 0xab)]).toString('base64url') },
    ],
    ['in another alphabet', { ...rsa, n: `${modulus.slice(0, -1)}=` }],
    ['without a point', { kty: 'EC', crv: 'P-256', x: 'AA' }],
    ['whose kid is a number', { ...rsa, kid: 7 }],
    ['that is a secret of 15 bytes', { kty: 'oct', k: Buffer.alloc(15).toString('base64url') }],
    ['that is null', null],
    ['that is a list', [rsa]],
  ])('leaves out a key %s, and keeps the others', (_name, key) => {
    expect(parse(key, ec)).toEqual([ec]);
  });

  it('is read to its last key, or refused', () => {
    expect(parse(...Array(1000).fill(rsa))).toHaveLength(1000);
    expect(() => parse(...Array(1001).fill(rsa))).toThrow(
      expect.objectContaining({ code: 'jwks_invalid', detail: 'a JWK set of 1001 keys, more than 1000' }),
    );
  });

  it.each(['', '{', 'null', '[]', '{}', '{"keys":{}}', '{"keys":null}', '"keys"', '<html>'])(
    'that is %j is none',
    (text) => {
      expect(() => parseJwks(text)).toThrow(expect.objectContaining({ code: 'jwks_invalid' }));
    },
  );

  it('of any shape gives keys or one clear error', () => {
    const member = fc.oneof(fc.constantFrom('RSA', 'EC', 'oct', modulus, 'P-256', 'sig'), fc.jsonValue());
    const key = fc.record({ kty: member, n: member, e: member, crv: member, k: member, use: member, kid: member });
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.oneof(key, fc.jsonValue())), fc.jsonValue()), (keys) => {
        try {
          for (const found of parseJwks(JSON.stringify({ keys }))) expect(['RSA', 'EC', 'oct']).toContain(found.kty);
        } catch (error) {
          expect(isOidcError(error)).toBe(true);
        }
      }),
    );
  });
});

describe('the keys for a token', () => {
  const algorithm = (alg: string) => algorithmOf(alg) ?? expect.fail(alg);
  const select = (keys: object[], header: { alg: string; kid?: string }) =>
    selectKeys(keys as Jwk[], header, algorithm(header.alg));

  it.each(allAlgorithms)('of %s are those of its kind and curve only', async (alg) => {
    const keys = await Promise.all(['RS256', 'ES256', 'ES384', 'ES512', 'HS256'].map((one) => signerOf(one)));
    const { kty, crv } = algorithm(alg);
    const found = select(parse(...keys.map(({ jwk }) => jwk)), { alg });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject(crv ? { kty, crv } : { kty });
  });

  it('have its kid, or none', () => {
    const keys = [{ ...rsa, kid: 'a' }, { ...rsa, kid: 'b' }, rsa];
    expect(select(keys, { alg: 'RS256', kid: 'b' })).toEqual([keys[1], keys[2]]);
    expect(select(keys, { alg: 'RS256', kid: 'B' })).toEqual([keys[2]]);
    expect(select(keys, { alg: 'RS256' })).toHaveLength(3);
  });

  it('are not those that name another algorithm', () => {
    expect(select([{ ...rsa, alg: 'RS512' }], { alg: 'RS256' })).toEqual([]);
  });
});
