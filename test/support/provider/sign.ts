import { constants, createHash, createHmac, type KeyObject, sign } from 'node:crypto';

export type Json = Record<string, unknown>;

/** The key of a signature: a private key, or the bytes of a secret for HS*. */
export type Key = KeyObject | string | Uint8Array;

export const isSymmetric = (alg: unknown): boolean => /^HS(256|384|512)$/.test(String(alg));
export const isAsymmetric = (alg: unknown): boolean => /^(RS|PS|ES)(256|384|512)$|^EdDSA$|^Ed25519$/.test(String(alg));

const encode = (value: Json | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/**
 * A compact JWS (RFC 7515) with whatever header and claims; it refuses nothing, because attackers do not. The claims
 * may be text that is no JSON. The signature is empty when `alg` names no algorithm.
 */
export function compactToken(header: Json, claims: Json | string, key: Key): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signatureOf(String(header.alg), input, key).toString('base64url')}`;
}

const hashOf = (alg: string) => (alg.startsWith('Ed') ? 'sha512' : `sha${alg.slice(2)}`);

function signatureOf(alg: string, input: string, key: Key): Buffer {
  const hash = hashOf(alg);
  const data = Buffer.from(input);
  if (isSymmetric(alg)) return createHmac(hash, key).update(data).digest();
  if (!isAsymmetric(alg)) return Buffer.alloc(0);
  const privateKey = key as KeyObject;
  if (alg.startsWith('Ed')) return sign(null, data, privateKey);
  if (alg.startsWith('RS')) return sign(hash, data, privateKey);
  if (alg.startsWith('ES')) return sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
  return sign(hash, data, { key: privateKey, padding, saltLength });
}

export function tokenParts(token: string): { header: Json; claims: Json; signature: string } {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Json;
  return { header: parse(header), claims: parse(claims), signature };
}

/** The same token with one bit of its signature changed. */
export function brokenSignature(token: string): string {
  const dot = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(dot + 1), 'base64url');
  signature[signature.length >> 1] = (signature[signature.length >> 1] ?? 0) ^ 1;
  return `${token.slice(0, dot)}.${signature.toString('base64url')}`;
}

/** The same claims with `alg` none and no signature. */
export function unsigned(token: string): string {
  return resigned(token, '', { alg: 'none', kid: undefined });
}

/** The same token signed with another key; a header member that is undefined goes away. */
export function resigned(token: string, key: Key, header: Json = {}, claims: Json = {}): string {
  const parts = tokenParts(token);
  return compactToken({ ...parts.header, ...header }, { ...parts.claims, ...claims }, key);
}

/** at_hash and c_hash (OpenID Connect Core 3.1.3.6). */
export function leftHalf(value: string, alg: string): string {
  const digest = createHash(hashOf(alg)).update(value).digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
