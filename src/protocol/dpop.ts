import { encodeBase64url } from './base64url';
import type { JsonObject } from './json';
import { thumbprint } from './private-key';
import { randomToken } from './random';
import { signJws } from './sign-jws';

/** A key of ours that tokens are bound to, for ES256: `x.y.d` of its JWK. '' where tokens are bound to none. */
export type DpopKey = string;

/** What a proof is for. */
export interface Proven {
  method: string;
  url: string;
  /** The bound token that goes with it, to a resource server. */
  accessToken?: string;
  /** What the server gave for this purpose. */
  nonce?: string | undefined;
  /** Seconds since 1970. */
  now: number;
}

const curve = { name: 'ECDSA' as const, namedCurve: 'P-256' as const };

export async function createDpopKey(): Promise<DpopKey> {
  const { privateKey } = await crypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const { x, y, d } = (await crypto.subtle.exportKey('jwk', privateKey)) as Record<string, string>;
  return [x, y, d].join('.');
}

/** What an authorization request names the key by (RFC 9449 section 10): its thumbprint. */
export function dpopJkt(key: DpopKey): Promise<string> {
  return thumbprint({ kty: 'EC', jwk: publicHalf(key) });
}

/** A proof that we have the key, good once (RFC 9449 section 4.2). */
export async function dpopProof(key: DpopKey, proven: Proven): Promise<string> {
  const jwk = publicHalf(key);
  const material = Object.assign({ d: key.split('.')[2] }, jwk) as never;
  const signer = { alg: 'ES256', key: await crypto.subtle.importKey('jwk', material, curve, false, ['sign']) };
  const { method, url, accessToken, nonce, now } = proven;
  const claims: JsonObject = { jti: randomToken(16), htm: method, htu: url.replace(/[?#].*/, ''), iat: now, nonce };
  if (accessToken !== undefined) {
    claims.ath = await accessTokenHash(accessToken);
  }
  return signJws(signer, { typ: 'dpop+jwt', jwk }, claims);
}

/** `ath` (RFC 9449 section 4.2). */
export async function accessTokenHash(accessToken: string): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', Buffer.from(accessToken))));
}

function publicHalf(key: DpopKey): Record<string, string> {
  const [x, y] = key.split('.') as [string, string];
  return { kty: 'EC', crv: 'P-256', x, y };
}
