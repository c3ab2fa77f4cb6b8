import { constants, createCipheriv, createHmac, type JsonWebKey, publicEncrypt, randomBytes } from 'node:crypto';
import { CompactEncrypt, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';

/** A key pair that tokens are encrypted to. */
export interface Recipient {
  privateJwk: JWK;
  publicJwk: JWK;
}

const recipients = new Map<string, Promise<Recipient>>();

/** Number `n` of an algorithm (RSA-OAEP..., or ECDH-ES with a curve); made once in a process. */
export function recipient(alg: string, n = 1, crv = 'P-256'): Promise<Recipient> {
  const kty = alg.startsWith('RSA') ? 'RSA' : crv;
  const name = `${kty}-${n}`;
  const pair = recipients.get(name) ?? makeRecipient(alg, name, crv);
  recipients.set(name, pair);
  return pair;
}

async function makeRecipient(alg: string, kid: string, crv: string): Promise<Recipient> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { crv, extractable: true });
  return {
    privateJwk: { ...(await exportJWK(privateKey)), kid },
    publicJwk: { ...(await exportJWK(publicKey)), kid },
  };
}

/** A compact JWE as jose makes it. */
export async function encryptedTo(
  { publicJwk }: Recipient,
  text: string,
  alg: string,
  enc: string,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg, enc, kid: publicJwk.kid ?? '', cty: 'JWT', ...header })
    .encrypt(await importJWK(publicJwk, alg));
}

/**
 * A compact JWE by RSA-OAEP with whatever header, because attackers refuse nothing. `cek`: the key to wrap; the content is
 * sealed by A128CBC-HS256 where the key has 32 bytes and `cbc`, else by AES-GCM.
 */
export function forgedJwe(
  { publicJwk }: Recipient,
  text: string | Buffer,
  header: Record<string, unknown>,
  { cek = randomBytes(32), cbc = false, tagBytes = 16, ivBytes = 0 } = {},
): string {
  const head = Buffer.from(JSON.stringify({ alg: 'RSA-OAEP', enc: cbc ? 'A128CBC-HS256' : 'A256GCM', ...header }));
  const aad = Buffer.from(head.toString('base64url'));
  const iv = randomBytes(ivBytes || (cbc ? 16 : 12));
  const key = { key: publicJwk as JsonWebKey, format: 'jwk' as const, oaepHash: 'sha1' };
  const wrapped = publicEncrypt({ ...key, padding: constants.RSA_PKCS1_OAEP_PADDING } as never, cek);
  const { ciphertext, tag } = cbc ? sealCbc(text, cek, iv, aad) : sealGcm(text, cek, iv, aad);
  return [head, wrapped, iv, ciphertext, tag.subarray(0, tagBytes)].map((part) => part.toString('base64url')).join('.');
}

function sealGcm(text: string | Buffer, cek: Buffer, iv: Buffer, aad: Buffer) {
  const cipher = createCipheriv(`aes-${cek.length * 8}-gcm` as 'aes-256-gcm', cek, iv).setAAD(aad);
  const ciphertext = Buffer.concat([cipher.update(text as string, 'utf8'), cipher.final()]);
  return { ciphertext, tag: cipher.getAuthTag() };
}

function sealCbc(text: string | Buffer, cek: Buffer, iv: Buffer, aad: Buffer) {
  const cipher = createCipheriv('aes-128-cbc', cek.subarray(16), iv.subarray(0, 16));
  const ciphertext = Buffer.concat([cipher.update(text as string, 'utf8'), cipher.final()]);
  const length = Buffer.alloc(8);
  length.writeUInt32BE(aad.length * 8, 4);
  const mac = createHmac('sha256', cek.subarray(0, 16))
    .update(Buffer.concat([aad, iv, ciphertext, length]))
    .digest();
  return { ciphertext, tag: mac.subarray(0, 16) };
}
