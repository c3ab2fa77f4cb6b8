import { asymmetric } from './access-token';
import { algorithmNames } from './algorithms';
import { decodeBase64url } from './base64url';
import { accessTokenHash } from './dpop';
import { constantTimeEqual } from './equal';
import { oidcError } from './errors';
import { isJsonObject, type JsonObject, parseJsonObject, stringMember } from './json';
import { parseJwks } from './jwks';
import { decodeJws, verifyJws } from './jws';
import { type PrivateKey, thumbprint } from './private-key';

/** What the proof of a program is held against. */
export interface ExpectedProof {
  method: string;
  /** The address of the request as the program knows it. */
  url: string;
  accessToken: string;
  /** Whether a nonce is one that this site gave of late; undefined where it gives none. */
  isOurNonce?: ((nonce: string) => boolean) | undefined;
  /** Seconds since 1970. */
  now: number;
  /** Seconds. */
  clockSkew: number;
}

/** A proof that holds, unless it came before. */
export interface VerifiedProof {
  /** Thumbprint of the key. */
  readonly jkt: string;
  readonly jti: string;
}

/** A proof is made when it is sent (s). */
export const oldestProof = 60;
const longestJti = 255;
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'];

/** The algorithms of proofs that are taken: all but EdDSA, which takes milliseconds, and strangers send proofs. */
export const proofAlgorithms = asymmetric(algorithmNames).filter((name) => !/^Ed/.test(name));

/**
 * Checks the DPoP proof of a request (RFC 9449 section 4.3), all but whether it came before.
 * @param proof the DPoP header
 * @throws dpop_proof_invalid, naming what is wrong; dpop_nonce_required
 */
export async function verifyDpopProof(proof: string, expected: ExpectedProof): Promise<VerifiedProof> {
  const key = keyIn(proof);
  const jws = decodeJws(proof, 'DPoP proof');
  if (jws.header.typ !== 'dpop+jwt') {
    throw invalid('"typ" is not dpop+jwt');
  }
  const claims = jws.payload;
  const problem = wrongIn(claims, expected) || (await wrongHash(claims, expected.accessToken));
  if (problem !== undefined) {
    throw invalid(problem);
  }
  await verifyJws(jws, parseJwks(JSON.stringify({ keys: [key] })), { algorithms: proofAlgorithms });
  if (expected.isOurNonce && !expected.isOurNonce(stringMember(claims, 'nonce') || '')) {
    throw oidcError('dpop_nonce_required', 'the DPoP proof has no nonce of this site, or one that is too old');
  }
  return { jkt: await thumbprint({ kty: key.kty, jwk: key } as unknown as PrivateKey), jti: claims.jti as string };
}

/** What is wrong with a JWS, as an error of a proof; any other error stays what it is. */
export function proofErrorOf(error: unknown): unknown {
  const { code, detail } = error as { code?: string; detail?: string };
  return code !== undefined && /^(?:id_token_|unknown_key)/.test(code) ? invalid(String(detail)) : error;
}

const invalid = (problem: string) => oidcError('dpop_proof_invalid', `DPoP proof: ${problem}`);

/** The public key in its header; a secret or a private one is none. */
function keyIn(proof: string): JsonObject {
  const bytes = decodeBase64url(proof.split('.')[0] as string);
  const jwk = parseJsonObject(bytes ? Buffer.from(bytes).toString() : '')?.jwk;
  if (!isJsonObject(jwk) || privateMembers.some((name) => jwk[name] !== undefined)) {
    throw invalid('no public key ("jwk") in its header');
  }
  return { kty: jwk.kty, n: jwk.n, e: jwk.e, crv: jwk.crv, x: jwk.x, y: jwk.y };
}

function wrongIn({ jti, htm, htu, iat }: JsonObject, expected: ExpectedProof): string | undefined {
  const { method, url, now, clockSkew } = expected;
  if (typeof jti !== 'string' || jti === '' || jti.length > longestJti) {
    return `"jti" is not a text of 1 to ${longestJti} characters`;
  }
  if (htm !== method) {
    return `"htm" is not ${method}`;
  }
  if (typeof htu !== 'string' || normal(htu) !== normal(url.replace(/[?#].*/, ''))) {
    return `"htu" is not ${url.replace(/[?#].*/, '')} (is $oidc_base_url right?)`;
  }
  return typeof iat === 'number' && iat >= now - oldestProof - clockSkew && iat <= now + clockSkew
    ? undefined
    : `"iat" is not of the last ${oldestProof} s`;
}

async function wrongHash({ ath }: JsonObject, accessToken: string): Promise<string | undefined> {
  return typeof ath === 'string' && constantTimeEqual(ath, await accessTokenHash(accessToken))
    ? undefined
    : '"ath" is not of this access token';
}

/** Scheme and host in small letters, no default port, escapes in capitals (RFC 3986 sections 6.2.2.1 and 6.2.3). */
function normal(url: string): string {
  const [, scheme = '', host = '', path = ''] = /^(https?):\/\/([^/?#]+)(\/[^?#]*)?$/i.exec(url) || [];
  const short = host.toLowerCase().replace(scheme.toLowerCase() === 'https' ? /:443$/ : /:80$/, '');
  return `${scheme.toLowerCase()}://${short}${(path || '/').replace(/%[0-9a-f]{2}/gi, (one) => one.toUpperCase())}`;
}
