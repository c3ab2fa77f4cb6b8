import { decodeBase64url, encodeBase64url } from '../protocol/base64url';
import { joined } from '../protocol/bytes';

// AES-256-GCM. Sealed form: base64url of the IV (12 bytes, random) and the ciphertext with its 128-bit tag.
// No async functions: the gate uses this, and has no room for what they are lowered to.

const ivBytes = 12;

/** @param context is authenticated with the text and must be the same when it is opened */
export function encrypt(key: Uint8Array, context: string, plaintext: Uint8Array): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes)) as Uint8Array;
  return importKey(key, 'encrypt')
    .then((imported) => crypto.subtle.encrypt(algorithm(context, iv), imported, plaintext))
    .then((ciphertext) => encodeBase64url(joined([iv, new Uint8Array(ciphertext)])));
}

/** The plaintext, or undefined for anything that `encrypt` did not make with the same key and context. */
export function decrypt(key: Uint8Array, context: string, sealed: string): Promise<Uint8Array | undefined> {
  const bytes = decodeBase64url(sealed);
  if (!bytes || bytes.length <= ivBytes + 16) {
    return Promise.resolve(undefined);
  }
  return importKey(key, 'decrypt')
    .then((imported) =>
      crypto.subtle.decrypt(algorithm(context, bytes.slice(0, ivBytes)), imported, bytes.slice(ivBytes)),
    )
    .then(
      (plaintext) => new Uint8Array(plaintext),
      () => undefined,
    );
}

function importKey(key: Uint8Array, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, [use]);
}

function algorithm(context: string, iv: Uint8Array): CipherAlgorithm {
  const parameters = { name: 'AES-GCM', iv, additionalData: Buffer.from(context) };
  return parameters as unknown as CipherAlgorithm; // njs-types lists AES-CBC twice instead
}
