import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** A program that proves to have a key (RFC 9449), by jose. */
export interface DpopClient {
  jwk: JWK;
  jkt: string;
  /** A proof; claims and header members that are undefined go away. */
  proof(of: ProofOf, claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export interface ProofOf {
  method?: string;
  url: string;
  token: string;
}

export async function dpopClient(alg = 'ES256'): Promise<DpopClient> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    jwk,
    jkt: await calculateJwkThumbprint(jwk),
    proof: ({ method = 'GET', url, token }, claims = {}, header = {}) => {
      const ath = createHash('sha256').update(token).digest('base64url');
      const iat = Math.floor(Date.now() / 1000);
      return new SignJWT({ jti: randomUUID(), htm: method, htu: url, iat, ath, ...claims })
        .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...header } as never)
        .sign(privateKey);
    },
  };
}
