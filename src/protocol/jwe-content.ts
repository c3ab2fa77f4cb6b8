import { encodeBase64url } from './base64url';
import { joined } from './bytes';
import { constantTimeEqual } from './equal';
import type { Jwe } from './jwe';

interface Encryption {
  /** Bytes. */
  readonly key: number;
  /** Of AES-CBC with HMAC: the key's first half is for the MAC, which is as long as that half. */
  readonly hash?: 'SHA-256' | 'SHA-512';
}

/** Content encryption (RFC 7518 section 5); what is not in the table does not exist here. */
export const encryptions: Record<string, Encryption> = Object.assign(Object.create(null), {
  A128GCM: { key: 16 },
  A256GCM: { key: 32 },
  'A128CBC-HS256': { key: 32, hash: 'SHA-256' },
  'A256CBC-HS512': { key: 64, hash: 'SHA-512' },
});

type ContentOf = Pick<Jwe, 'enc' | 'aad' | 'iv' | 'ciphertext' | 'tag'>;

/** What was encrypted; undefined, or a rejection, where key and tag do not fit. */
export async function openContent(jwe: ContentOf, key: Uint8Array): Promise<Uint8Array | undefined> {
  const { key: size, hash } = encryptions[jwe.enc] as Encryption;
  if (key.length !== size) {
    return undefined;
  }
  return hash ? openCbc(jwe, key, hash) : openGcm(jwe, key);
}

/** RFC 7518 section 5.3. */
async function openGcm({ iv, tag, ciphertext, aad }: ContentOf, key: Uint8Array): Promise<Uint8Array | undefined> {
  if (iv.length !== 12 || tag.length !== 16) {
    return undefined;
  }
  const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
  const how = { name: 'AES-GCM', iv, additionalData: aad } as unknown as CipherAlgorithm;
  return new Uint8Array(await crypto.subtle.decrypt(how, imported, joined([ciphertext, tag])));
}

/** RFC 7518 section 5.2.2.2: the MAC is checked before anything is decrypted. */
async function openCbc(
  { iv, tag, ciphertext, aad }: ContentOf,
  key: Uint8Array,
  hash: 'SHA-256' | 'SHA-512',
): Promise<Uint8Array | undefined> {
  const half = key.length / 2;
  const macKey = await crypto.subtle.importKey('raw', key.slice(0, half), { name: 'HMAC', hash }, false, ['sign']);
  const covered = joined([aad, iv, ciphertext, uint32(0), uint32(aad.length * 8)]);
  const mac = new Uint8Array(await crypto.subtle.sign({ name: 'HMAC' }, macKey, covered)).slice(0, half);
  if (iv.length !== 16 || !constantTimeEqual(encodeBase64url(mac), encodeBase64url(tag))) {
    return undefined;
  }
  const imported = await crypto.subtle.importKey('raw', key.slice(half), 'AES-CBC' as never, false, ['decrypt']);
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv: iv as never }, imported, ciphertext));
}

/** Big-endian. */
export const uint32 = (value: number): Uint8Array =>
  Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
