import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it } from 'vitest';
import { keyId, parsePrivateKeys, publicJwk } from '../../../src/protocol/private-key';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
const jwkOf = (key: KeyObject) => key.export({ format: 'jwk' }) as Record<string, string>;
const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1') => String(key.export({ format: 'pem', type }));
const publicOf = (key: KeyObject) => createPublicKey(key).export({ format: 'jwk' });

const kinds: [string, KeyObject, 'pkcs1' | 'sec1'][] = [
  ['RSA', rsa, 'pkcs1'],
  ['P-256', ec('P-256'), 'sec1'],
  ['P-384', ec('P-384'), 'sec1'],
  ['P-521', ec('P-521'), 'sec1'],
];

describe.each(kinds)('a private key of kind %s', (_kind, key, older) => {
  it.each([
    ['JWK', JSON.stringify(jwkOf(key))],
    ['a JWK set', JSON.stringify({ keys: [jwkOf(key)] })],
    ['PEM PKCS#8', pem(key, 'pkcs8')],
    [`PEM ${older}`, pem(key, older)],
    ['PEM with Windows line ends', pem(key, 'pkcs8').replaceAll('\n', '\r\n')],
  ])('is read as %s', async (_format, text) => {
    const [read, ...more] = parsePrivateKeys(text);
    expect(more).toEqual([]);
    if (!read) throw new Error('no key');
    expect(read.jwk).toEqual(jwkOf(key));
    expect(publicJwk(read)).toEqual(publicOf(key));
    expect(await keyId(read)).toBe(await calculateJwkThumbprint(publicOf(key)));
    expect(createPrivateKey({ key: read.jwk, format: 'jwk' }).equals(key)).toBe(true);
  });
});

describe('a file of private keys', () => {
  it('keeps kid, use and alg of a JWK, and the order', async () => {
    const keys = parsePrivateKeys(
      JSON.stringify({
        keys: [
          { ...jwkOf(rsa), kid: 'new', use: 'sig', alg: 'RS256' },
          { ...jwkOf(ec('P-256')), kid: 'old' },
        ],
      }),
    );
    expect(keys.map(({ kty, crv, kid, use, alg }) => ({ kty, crv, kid, use, alg }))).toEqual([
      { kty: 'RSA', kid: 'new', use: 'sig', alg: 'RS256' },
      { kty: 'EC', crv: 'P-256', kid: 'old' },
    ]);
    expect(await Promise.all(keys.map(keyId))).toEqual(['new', 'old']);
  });

  it('may hold several PEM blocks, and certificates and EC parameters, which are no keys', () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    const text = `# keys\n${certificate}${parameters}${pem(ec('P-256'), 'sec1')}${pem(rsa, 'pkcs8')}`;
    expect(parsePrivateKeys(text).map(({ kty, certificate }) => [kty, certificate])).toEqual([
      ['EC', undefined],
      ['RSA', undefined],
    ]);
  });

  it('keeps the certificate of a key that is alone', () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    for (const text of [certificate + pem(rsa, 'pkcs8'), pem(rsa, 'pkcs8') + certificate + certificate]) {
      expect(parsePrivateKeys(text)).toMatchObject([{ kty: 'RSA', certificate: Buffer.from('MIIB', 'base64') }]);
    }
  });

  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const encrypted = String(
    rsa.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'open sesame' }),
  );
  const cut = pem(rsa, 'pkcs8').replace(/\n.{64}\n/, '\n');
  it.each([
    ['nothing', '', /0 private keys/],
    ['a public key', String(createPublicKey(rsa).export({ format: 'pem', type: 'spki' })), /0 private keys/],
    ['a public JWK', JSON.stringify(publicOf(rsa)), /key 1 lacks "d": it must be a whole private key/],
    ['a JWK whose member is not base64url', JSON.stringify({ ...jwkOf(rsa), d: 'a+b=' }), /key 1 lacks "d"/],
    ['JSON that is cut off', '{"keys": [', /is not JSON/],
    ['a secret', JSON.stringify({ keys: [jwkOf(rsa), { kty: 'oct', k: 'AAAA' }] }), /key 2 has "kty" oct/],
    ['a short RSA key', JSON.stringify(jwkOf(weak)), /less than 2048 bits/],
    ['a short RSA key in PEM', pem(weak, 'pkcs8'), /less than 2048 bits/],
    ['a curve that is not used here', pem(ec('secp256k1'), 'pkcs8'), /another curve/],
    ['a JWK of such a curve', JSON.stringify(jwkOf(ec('secp256k1'))), /curve secp256k1/],
    ['Ed25519', pem(generateKeyPairSync('ed25519').privateKey, 'pkcs8'), /another kind than RSA or EC/],
    ['a passphrase', encrypted, /encrypted with a passphrase/],
    ['PEM that lost a line', cut, /is not DER/],
    ['21 keys', pem(ec('P-256'), 'pkcs8').repeat(21), /21 private keys/],
  ])('is refused with %s', (_what, text, message) => {
    expect(() => parsePrivateKeys(text)).toThrow(message);
  });

  it('never shows a part of a key in its errors', () => {
    const { d = '', ...rest } = jwkOf(rsa);
    const errorOf = (text: string) => {
      try {
        parsePrivateKeys(text);
      } catch (error) {
        return String(error);
      }
      throw new Error('was read');
    };
    expect(errorOf(JSON.stringify({ ...rest, d: `${d}=` }))).not.toContain(d.slice(0, 20));
    expect(errorOf(`{"d":"${d}`)).not.toContain(d.slice(0, 20));
  });
});
