import hashes from 'crypto';
import type { Proven } from '../protocol/access-token';
import { oldestProof, proofErrorOf, verifyDpopProof } from '../protocol/dpop-proof';
import { oidcError } from '../protocol/errors';
import type { KeptTokens } from '../store/kept-tokens';
import { proofEntry } from '../store/token-verdict';
import { baseUrlOf } from '../visit/base-url';
import type { SiteContext } from '../visit/context';

/** A nonce of ours is good for this long, and the one before it, too (s). */
const nonceLifetime = 120;

/** What a request proves to have besides its access token, and what is left to do once the token holds. */
export interface Proof {
  readonly proven: Proven;
  /** Uses the proof up, on all machines that share a store. Throws dpop_proof_invalid when it came before; as the stores do. */
  spend(): Promise<void>;
}

/**
 * Looks at the DPoP proof (RFC 9449 section 7) and the client's certificate (RFC 8705 section 3) of a request.
 * @param accessToken as it came
 * @param isBound whether the token came as one that is bound to a key (`Authorization: DPoP`)
 * @throws dpop_proof_invalid, dpop_nonce_required, host_not_allowed
 */
export async function proveToken(
  context: SiteContext,
  tokens: KeptTokens,
  accessToken: string,
  isBound: boolean,
): Promise<Proof> {
  const { r, config } = context;
  const certificate = certificateOf(r.variables.ssl_client_raw_cert || '');
  if (!isBound) {
    return { proven: { certificate }, spend: () => Promise.resolve() };
  }
  const verified = await verifyDpopProof(r.variables.http_dpop || '', {
    method: r.variables.request_method || '',
    url: baseUrlOf(r, config) + (r.variables.request_uri || ''),
    accessToken,
    isOurNonce: config.bearer_dpop_nonce ? (nonce) => isOurNonce(nonce, config.hmac_key) : undefined,
    now: Math.floor(Date.now() / 1000),
    clockSkew: config.clock_skew,
  }).catch((error) => {
    throw proofErrorOf(error);
  });
  return {
    proven: { certificate, jkt: verified.jkt },
    async spend() {
      const entry = proofEntry(verified.jkt, verified.jti);
      const ttl = oldestProof + 2 * config.clock_skew + 1;
      const isFirst = context.onceOnAll ? await context.onceOnAll(entry, ttl) : tokens.lock(entry, ttl);
      if (!isFirst) {
        throw oidcError('dpop_proof_invalid', 'DPoP proof: it was used before ("jti")');
      }
    },
  };
}

/** `x5t#S256` of a certificate in PEM, '' for none. */
function certificateOf(pem: string): string {
  const body = /-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(pem)?.[1];
  const der = Buffer.from((body || '').replace(/\s+/g, ''), 'base64');
  return body === undefined ? '' : hashes.createHash('sha256').update(der).digest('base64url');
}

/** What programs are to have in their proofs: all machines with the same `$oidc_hmac_key` take it. */
export function currentNonce(hmacKey: string): string {
  return nonceOf(Math.floor(Date.now() / 1000 / nonceLifetime), hmacKey);
}

function isOurNonce(nonce: string, hmacKey: string): boolean {
  const now = Math.floor(Date.now() / 1000 / nonceLifetime);
  return nonce === nonceOf(now, hmacKey) || nonce === nonceOf(now - 1, hmacKey);
}

function nonceOf(time: number, hmacKey: string): string {
  return hashes.createHmac('sha256', hmacKey).update(`dpop nonce\n${time}`).digest('base64url').slice(0, 22);
}
