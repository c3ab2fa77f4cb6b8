import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, type JWK, jwtVerify } from 'jose';
import type { Behaviour } from './behaviour';
import type { Recorded } from './recorded';
import { Reply } from './transport';

/** Proofs that came, by their `jti`: none is good twice. */
const seen = new Set<string>();

/**
 * The thumbprint of the key that a request proves to have (RFC 9449 section 4.3), by jose; undefined without a proof.
 * What it answers instead where the proof does not hold, or lacks the nonce that `does.dpopNonce` asks for.
 */
export async function proofOf(
  { headers, method, url }: Recorded,
  issuer: string,
  does: Behaviour,
  accessToken?: string,
): Promise<string | undefined | Reply> {
  const proof = headers.dpop;
  if (proof === undefined) return undefined;
  const nonce = does.dpopNonce;
  const status = accessToken === undefined ? 400 : 401;
  const refuse = (error: string) => {
    const more: Record<string, string> = nonce === undefined ? {} : { 'dpop-nonce': nonce };
    if (status === 401) more['www-authenticate'] = `DPoP error="${error}"`;
    return new Reply(status, status === 400 ? JSON.stringify({ error }) : '', more);
  };
  try {
    const { payload, protectedHeader } = await jwtVerify(String(proof), EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256'],
      maxTokenAge: 60,
      requiredClaims: ['jti', 'iat', 'htm', 'htu'],
    });
    if (payload.htm !== method || payload.htu !== new URL(issuer).origin + url.split('?')[0])
      return refuse('invalid_dpop_proof');
    if (seen.has(String(payload.jti)) || 'd' in (protectedHeader.jwk ?? {})) return refuse('invalid_dpop_proof');
    const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url');
    if (payload.ath !== ath) return refuse('invalid_dpop_proof');
    if (nonce !== undefined && payload.nonce !== nonce) return refuse('use_dpop_nonce');
    seen.add(String(payload.jti));
    return calculateJwkThumbprint(decodeProtectedHeader(String(proof)).jwk as JWK);
  } catch {
    return refuse('invalid_dpop_proof');
  }
}
