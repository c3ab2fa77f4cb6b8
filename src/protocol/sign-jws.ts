import { algorithmOf } from './algorithms';
import { encodeBase64url } from './base64url';
import type { JsonObject } from './json';
import type { PrivateKey } from './private-key';

/** A key that signs, the algorithm that it does so with, and the name that others know it by, if any. */
export interface Signer {
  readonly alg: string;
  readonly key: CryptoKey;
  readonly kid?: string;
  /** The SHA-256 thumbprint of its certificate, base64url. */
  readonly x5t?: string;
}

const ofCurve: Record<string, string> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };

/**
 * The algorithm that a key signs with: its own `alg`, else that of its curve; for RSA PS256, or RS256 where the other
 * side takes that and not PS256.
 * @param accepted what the other side takes, as far as it says so
 * @returns undefined when the key is not for signatures, or the other side takes none of its algorithms
 */
export function signingAlgorithm(key: PrivateKey, accepted: string[] = []): string | undefined {
  const takes = (name: string) => accepted.length === 0 || accepted.indexOf(name) >= 0;
  const own =
    key.kty === 'EC' ? [ofCurve[key.crv as string] as string] : ['PS256', 'RS256', 'PS384', 'PS512', 'RS384', 'RS512'];
  const wanted = key.alg === undefined ? own : own.filter((name) => name === key.alg);
  return key.use === undefined || key.use === 'sig' ? wanted.filter(takes)[0] : undefined;
}

/** Imported before, where the engine keeps a module between requests, and the caller its keys. */
const imported: { key: PrivateKey; signer: Signer }[] = [];
const mostImported = 8;

/** Makes a private key ready to sign. Throws what WebCrypto throws where the engine cannot use it. */
export async function signerOf(key: PrivateKey, alg: string): Promise<Signer> {
  const known = imported.filter((one) => one.key === key && one.signer.alg === alg)[0];
  if (known) {
    return known.signer;
  }
  const params = algorithmOf(alg)?.importParams as RsaHashedImportParams;
  const signer = { alg, key: await crypto.subtle.importKey('jwk', key.jwk as never, params, false, ['sign']) };
  imported.unshift({ key, signer });
  imported.length = Math.min(imported.length, mostImported);
  return signer;
}

/** The same for a shared secret: HS256, HS384, HS512. */
export async function secretSigner(secret: string, alg: string): Promise<Signer> {
  const params = algorithmOf(alg)?.importParams as RsaHashedImportParams;
  return { alg, key: await crypto.subtle.importKey('raw', Buffer.from(secret), params, false, ['sign']) };
}

/** A compact JWS (RFC 7515 section 7.1), whose header begins with the `alg` and names of the signer. */
export async function signJws({ alg, key, kid, x5t }: Signer, header: JsonObject, claims: JsonObject): Promise<string> {
  const part = (value: JsonObject) => encodeBase64url(Buffer.from(JSON.stringify(value)));
  const input = `${part(Object.assign({ alg, kid, 'x5t#S256': x5t }, header))}.${part(claims)}`; // undefined is not written
  const params = algorithmOf(alg)?.verifyParams as SignOrVerifyAlgorithm;
  const signature = await crypto.subtle.sign(params, key, Buffer.from(input));
  return `${input}.${encodeBase64url(new Uint8Array(signature))}`;
}
