import { remembered } from '../protocol/remembered';
import { decrypt, encrypt } from './aes-gcm';

/** AES-256-GCM under a key that HKDF-SHA-256 derives from `secret` for one purpose. */
export interface Seal {
  /** What a sealed text is for; a text sealed for another purpose does not open. */
  readonly purpose: string;
  readonly secret: string;
}

/** @param context is authenticated with the text and must be the same when it is opened */
export async function seal(by: Seal, context: string, plaintext: string): Promise<string> {
  return encrypt(await derive(by), `${by.purpose}\n${context}`, Buffer.from(plaintext));
}

/** The plaintext, or undefined for anything that `seal` did not make with the same secret, purpose and context. */
export async function open(by: Seal, context: string, sealed: string): Promise<string | undefined> {
  const plaintext = await decrypt(await derive(by), `${by.purpose}\n${context}`, sealed);
  return plaintext && Buffer.from(plaintext).toString();
}

/** A site has a few purposes under one secret of its own. */
const derived = remembered(8, deriveKey);

function derive({ purpose, secret }: Seal): Promise<Uint8Array> {
  return derived(purpose, secret);
}

async function deriveKey(purpose: string, secret: string): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', Buffer.from(secret), 'HKDF', false, ['deriveBits']);
  const how = {
    name: 'HKDF' as const,
    hash: 'SHA-256' as const,
    salt: Buffer.from(''),
    info: Buffer.from(purpose),
  };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}
