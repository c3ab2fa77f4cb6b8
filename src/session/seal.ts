import { decodeBase64url, encodeBase64url } from '../protocol/base64url';

const ivBytes = 12;

/**
 * AES-256-GCM under a key that HKDF-SHA-256 derives from `secret` for one purpose.
 * Sealed form: base64url of IV (12 bytes, random) and ciphertext with its 128-bit tag.
 */
export interface Seal {
  /** What a sealed text is for; a text sealed for another purpose does not open. */
  readonly purpose: string;
  readonly secret: string;
  readonly salt: string;
}

/** @param context is authenticated with the text and must be the same when it is opened */
export async function seal(by: Seal, context: string, plaintext: string | Uint8Array): Promise<string> {
  const key = await derive(by, 'encrypt');
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes)) as Uint8Array;
  const ciphertext = await crypto.subtle.encrypt(aesGcm(by, context, iv), key, bytesOf(plaintext));
  return encodeBase64url(Buffer.concat([Buffer.from(iv), Buffer.from(ciphertext)]));
}

/** The plaintext, or undefined for anything that `seal` did not make with the same secret, purpose and context. */
export async function open(by: Seal, context: string, sealed: string): Promise<Uint8Array | undefined> {
  const bytes = decodeBase64url(sealed);
  if (!bytes || bytes.length <= ivBytes + 16) {
    return undefined;
  }
  const key = await derive(by, 'decrypt');
  const iv = bytes.slice(0, ivBytes);
  try {
    return new Uint8Array(await crypto.subtle.decrypt(aesGcm(by, context, iv), key, bytes.slice(ivBytes)));
  } catch {
    return undefined;
  }
}

function bytesOf(plaintext: string | Uint8Array): Uint8Array {
  return typeof plaintext === 'string' ? Buffer.from(plaintext) : plaintext;
}

function aesGcm(by: Seal, context: string, iv: Uint8Array): CipherAlgorithm {
  const algorithm = { name: 'AES-GCM', iv, additionalData: Buffer.from(`${by.purpose}\n${context}`) };
  return algorithm as unknown as CipherAlgorithm; // njs-types lists AES-CBC twice instead
}

async function derive(by: Seal, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey('raw', Buffer.from(by.secret), 'HKDF', false, ['deriveBits']);
  const how = {
    name: 'HKDF' as const,
    hash: 'SHA-256' as const,
    salt: Buffer.from(by.salt),
    info: Buffer.from(by.purpose),
  };
  const bits = await crypto.subtle.deriveBits(how, secret, 256);
  return crypto.subtle.importKey('raw', bits, 'AES-GCM', false, [use]);
}
