import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'jose';

/** A signing key of the provider. */
export interface SigningKey {
  kid: string;
  alg: string;
  privateKey: KeyObject;
  publicJwk: JWK;
  publicPem: string;
}

type KeyPair = Promise<{ privateKey: KeyObject; publicKey: KeyObject }>;

const generate = promisify(generateKeyPair);
const curves: Record<string, string> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };
const pairs = new Map<string, KeyPair>();

/**
 * A key of an RS*, PS*, ES* or EdDSA algorithm, number `n`. Generated once in a process, because RSA keys take a while: the
 * RSA algorithms share one of each number and size (bits).
 */
export async function signingKey(alg: string, n = 1, bits = 2048): Promise<SigningKey> {
  const namedCurve = curves[alg];
  const isEdwards = alg.startsWith('Ed');
  const name = `${isEdwards ? 'Ed25519' : (namedCurve ?? bits)}-${n}`;
  const pair = pairs.get(name) ?? (isEdwards ? generate('ed25519') : generateOther(namedCurve, bits));
  pairs.set(name, pair);
  const { privateKey, publicKey } = await pair;
  const kid = `${alg}-${n}`;
  const publicJwk = { ...(publicKey.export({ format: 'jwk' }) as JWK), kid, alg, use: 'sig' };
  return { kid, alg, privateKey, publicJwk, publicPem: String(publicKey.export({ type: 'spki', format: 'pem' })) };
}

function generateOther(namedCurve: string | undefined, bits: number): KeyPair {
  return namedCurve ? generate('ec', { namedCurve }) : generate('rsa', { modulusLength: bits });
}
