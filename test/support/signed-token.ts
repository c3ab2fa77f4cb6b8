import { createHash } from 'node:crypto';
import { CompactSign, exportJWK, generateKeyPair, generateSecret, type JWK } from 'jose';

export const asymmetricAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
export const allAlgorithms = [...asymmetricAlgorithms, 'HS256', 'HS384', 'HS512'];

type Key = Awaited<ReturnType<typeof generateSecret>>;

/** A key for one algorithm: signs with jose, published as a JWK (the secret itself for HS*). */
export interface Signer {
  alg: string;
  jwk: JWK & { kid: string };
  sign(claims: unknown, header?: Record<string, unknown>): Promise<string>;
}

const signers = new Map<string, Promise<Signer>>();

/** The signer of an algorithm, number `n`; made once in a process, because RSA keys take a while. */
export function signerOf(alg: string, n = 1): Promise<Signer> {
  const name = `${alg}-${n}`;
  const signer = signers.get(name) ?? makeSigner(alg, name);
  signers.set(name, signer);
  return signer;
}

async function makeSigner(alg: string, kid: string): Promise<Signer> {
  const { privateKey, published } = await keyOf(alg);
  return {
    alg,
    jwk: { ...(await exportJWK(published)), kid },
    sign: (claims, header = {}) => {
      const text = typeof claims === 'string' ? claims : JSON.stringify(claims);
      return new CompactSign(new TextEncoder().encode(text))
        .setProtectedHeader({ alg, kid, ...header })
        .sign(privateKey, { crit: { exp: true } });
    },
  };
}

async function keyOf(alg: string): Promise<{ privateKey: Key; published: Key }> {
  if (alg.startsWith('HS')) {
    const secret = await generateSecret(alg, { extractable: true });
    return { privateKey: secret, published: secret };
  }
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, published: publicKey };
}

/** The at_hash or c_hash of a value (OpenID Connect Core 3.1.3.6). */
export function leftHalf(value: string, alg: string): string {
  const digest = createHash(`sha${alg.slice(2)}`)
    .update(value)
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
