import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose';

/** A signing key of the provider. */
export interface SigningKey {
  kid: string;
  alg: string;
  privateKey: CryptoKey | Uint8Array;
  publicJwk: JWK;
}

const pairs = new Map<string, Promise<{ privateKey: CryptoKey; publicKey: CryptoKey }>>();

/** A key of this algorithm, number `n`; generated once in a process, because RSA keys take a while. */
export async function signingKey(alg: string, n: number): Promise<SigningKey> {
  const name = `${alg}-${n}`;
  const pair = pairs.get(name) ?? generateKeyPair(alg, { extractable: true });
  pairs.set(name, pair);
  const { privateKey, publicKey } = await pair;
  return { kid: name, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid: name, alg, use: 'sig' } };
}
