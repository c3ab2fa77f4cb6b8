import { decodeBase64url } from './base64url';
import { joined } from './bytes';
import { isJsonObject, stringMember } from './json';
import type { Jwe } from './jwe';
import { encryptions, uint32 } from './jwe-content';
import type { PrivateKey } from './private-key';

/** Key management (RFC 7518 section 4); what is not here does not exist here. */
const oaepHash: Record<string, 'SHA-1' | 'SHA-256'> = Object.assign(Object.create(null), {
  'RSA-OAEP': 'SHA-1',
  'RSA-OAEP-256': 'SHA-256',
});
const agreement = 'ECDH-ES';

/** How many bits two keys of a curve agree on. */
const agreedBits: Record<string, number> = { 'P-256': 256, 'P-384': 384, 'P-521': 528 };

export const isKeyManagement = (alg: string) => alg === agreement || !!oaepHash[alg];
export const keyTypeOf = (alg: string): PrivateKey['kty'] => (alg === agreement ? 'EC' : 'RSA');

/** The key that the content is encrypted with; of any length, or a rejection, where the private key is not the right one. */
export async function contentKey(jwe: Jwe, key: PrivateKey): Promise<Uint8Array> {
  return jwe.alg === agreement ? agree(jwe, key) : unwrap(jwe, key);
}

/** RFC 7518 section 4.3. */
async function unwrap({ alg, encryptedKey }: Jwe, { jwk }: PrivateKey): Promise<Uint8Array> {
  const params = { name: 'RSA-OAEP' as const, hash: oaepHash[alg] as 'SHA-256' };
  const key = await crypto.subtle.importKey('jwk', jwk as never, params, false, ['decrypt']);
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'RSA-OAEP' }, key, encryptedKey));
}

/** RFC 7518 section 4.6, direct: what both sides agree on is the key. */
async function agree({ header, enc, encryptedKey }: Jwe, { crv, jwk }: PrivateKey): Promise<Uint8Array> {
  const { epk } = header;
  if (encryptedKey.length > 0 || !isJsonObject(epk) || epk.kty !== 'EC' || epk.crv !== crv) {
    throw new Error('no key of the other side');
  }
  const curve = { name: 'ECDH' as const, namedCurve: crv as 'P-256' };
  const material = { kty: 'EC', crv, x: epk.x, y: epk.y };
  const theirs = await crypto.subtle.importKey('jwk', material as never, curve, false, []);
  const own = await crypto.subtle.importKey('jwk', jwk as never, curve, false, ['deriveBits']);
  const secret = await crypto.subtle.deriveBits(
    { name: 'ECDH', public: theirs },
    own,
    agreedBits[crv as string] as number,
  );
  const party = (name: string) => decodeBase64url(stringMember(header, name) || '') || new Uint8Array(0);
  const size = encryptions[enc]?.key as number;
  return concatKdf(new Uint8Array(secret), [Buffer.from(enc), party('apu'), party('apv')], size);
}

/** NIST SP 800-56A section 5.8.1 with SHA-256; `size` in bytes. */
async function concatKdf(secret: Uint8Array, info: Uint8Array[], size: number): Promise<Uint8Array> {
  const named = info.map((bytes) => joined([uint32(bytes.length), bytes])).concat(uint32(size * 8));
  let derived: Uint8Array = new Uint8Array(0);
  for (let round = 1; derived.length < size; round++) {
    const input = joined([uint32(round), secret].concat(named));
    derived = joined([derived, new Uint8Array(await crypto.subtle.digest('SHA-256', input))]);
  }
  return derived.slice(0, size);
}
