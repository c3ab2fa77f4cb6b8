import { type Algorithm, algorithmOf } from './algorithms';
import { decodeBase64url } from './base64url';
import { ed25519Verifier, whyNoEd25519 } from './ed25519';
import { oidcError } from './errors';
import { type JsonObject, parseJsonObject } from './json';
import { type Jwk, selectKeys } from './jwks';
import { printable } from './text';

/** A token taken apart, nothing in it to be believed yet. */
export interface Jws {
  /** What to call it in a message. */
  readonly name: string;
  readonly raw: string;
  readonly header: { alg: string; kid?: string; typ?: string };
  readonly payload: JsonObject;
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

declare const signatureVerified: unique symbol;
/** Its signature is by one of the provider's keys. Only `verifyJws` makes it. */
export type VerifiedJws = Jws & { readonly algorithm: Algorithm; readonly [signatureVerified]: true };

/** Of a whole token. One that names 2,000 groups takes 73 KB. */
const mostBytes = 262144;
const secretsOfFile = 'the oct keys, of 16 bytes or more, in the file of $oidc_jwt_keyfile';
/** Header members that would change what the signature covers or what the token is (RFC 7515 4.1.11, RFC 7797). */
const notUnderstood = ['crit', 'b64', 'enc', 'zip'];

/**
 * Takes a compact JWS apart (RFC 7515 section 7.1).
 * @param name what to call it in a message
 * @throws id_token_invalid when it is none, id_token_algorithm when its header asks for what is not done here
 */
export function decodeJws(token: string, name = 'ID token'): Jws {
  if (token.length > mostBytes) {
    throw oidcError(
      'id_token_invalid',
      `the ${name} takes ${token.length} bytes, more than ${mostBytes}: have the provider put fewer groups into it, or only into UserInfo ($oidc_userinfo 1)`,
    );
  }
  const parts = token.split('.');
  const header = parts.length === 3 ? parseJsonObject(decodeText(parts[0] as string)) : undefined;
  const payload = header && parseJsonObject(decodeText(parts[1] as string));
  const signature = decodeBase64url(parts[2] || '');
  if (!header || !payload || !signature) {
    throw oidcError('id_token_invalid', `the ${name} is not a signed JWT of three parts (is it encrypted?)`);
  }
  const strange = notUnderstood.filter((name) => header[name] !== undefined);
  if (strange.length > 0 || typeof header.alg !== 'string') {
    throw oidcError('id_token_algorithm', `${name} header: ${strange.join(', ') || 'no "alg"'} is not accepted`);
  }
  if (header.kid !== undefined && typeof header.kid !== 'string') {
    throw oidcError('id_token_invalid', `${name} header: "kid" is not a string`);
  }
  const known = {
    alg: header.alg,
    ...(header.kid === undefined ? {} : { kid: header.kid }),
    ...(typeof header.typ === 'string' ? { typ: header.typ } : {}),
  };
  return { name, raw: token, header: known, payload, signingInput: `${parts[0]}.${parts[1]}`, signature };
}

function decodeText(part: string): string {
  const bytes = decodeBase64url(part);
  try {
    return bytes ? new TextDecoder('utf-8', { fatal: true }).decode(bytes as unknown as ArrayBuffer) : '';
  } catch {
    return '';
  }
}

/**
 * Verifies the signature with the keys given; what the token says of keys (jwk, jku, x5c, x5u) does not count.
 * @param options.algorithms the names to accept; what the token says is only looked up among them
 * @param options.secrets what the keys for HS256 and its like are, for messages
 * @throws id_token_algorithm; unknown_key when no key fits, so that a fresh JWK set may help; id_token_signature
 */
export async function verifyJws(
  jws: Jws,
  keys: Jwk[],
  options: { algorithms: string[]; secrets?: string },
): Promise<VerifiedJws> {
  const { alg } = jws.header;
  const algorithm = options.algorithms.indexOf(alg) >= 0 ? algorithmOf(alg) : undefined;
  if (!algorithm) {
    throw oidcError('id_token_algorithm', notAccepted(jws));
  }
  if (algorithm.crv === 'Ed25519' && !ed25519Verifier()) {
    throw oidcError('id_token_algorithm', `the ${jws.name} is signed with ${alg}, ${whyNoEd25519()}`);
  }
  const candidates = selectKeys(keys, jws.header, algorithm);
  if (candidates.length === 0) {
    throw oidcError('unknown_key', noKey(jws, algorithm, keys.length, options.secrets));
  }
  for (const key of candidates) {
    if (await isSignedBy(jws, key, algorithm)) {
      return Object.assign({}, jws, { algorithm }) as VerifiedJws;
    }
  }
  throw oidcError('id_token_signature', notSigned(jws, algorithm, options.secrets));
}

function notAccepted({ name, header: { alg } }: Jws): string {
  const said = `the ${name} is signed with ${printable(alg, 20)}`;
  return algorithmOf(alg)
    ? `${said}; $oidc_id_token_algs does not list it`
    : `${said}, which is not verified here, whatever $oidc_id_token_algs lists: have the provider sign with RS256 or ES256`;
}

function noKey({ header: { alg, kid } }: Jws, { kty }: Algorithm, known: number, secrets = secretsOfFile): string {
  return kty === 'oct'
    ? `no secret to try ${alg} with, which takes ${secrets}`
    : `no ${kty} key "${printable(kid || '', 80)}" for ${alg} among the provider's ${known} keys`;
}

function notSigned({ name, header: { alg, kid } }: Jws, { kty }: Algorithm, secrets = secretsOfFile): string {
  return kty === 'oct'
    ? `the signature of the ${name} (${alg}) was tried with ${secrets}, and does not hold`
    : `the signature of the ${name} is not by key "${printable(kid || '', 80)}"`;
}

async function isSignedBy(jws: Jws, jwk: Jwk, algorithm: Algorithm): Promise<boolean> {
  if (algorithm.signatureBytes !== undefined && jws.signature.length !== algorithm.signatureBytes) {
    return false;
  }
  try {
    const data = Buffer.from(jws.signingInput);
    if (algorithm.crv === 'Ed25519') {
      return ed25519Verifier()?.(jws.signature, data, decodeBase64url(jwk.x || '') as Uint8Array) === true;
    }
    const key = await keyOf(jwk, algorithm);
    return await crypto.subtle.verify(algorithm.verifyParams as SignOrVerifyAlgorithm, key, jws.signature, data);
  } catch {
    return false; // a key that the engine cannot read, or a signature that cannot be one
  }
}

/** Imported before, where the engine keeps a module between requests, and the caller its keys. */
const imported: { jwk: Jwk; algorithm: Algorithm; key: CryptoKey }[] = [];
const mostImported = 16;

async function keyOf(jwk: Jwk, algorithm: Algorithm): Promise<CryptoKey> {
  const known = imported.filter((one) => one.jwk === jwk && one.algorithm === algorithm)[0];
  if (known) {
    return known.key;
  }
  const key = await importKey(jwk, algorithm);
  if (jwk.kty !== 'oct') {
    imported.unshift({ jwk, algorithm, key });
    imported.length = Math.min(imported.length, mostImported);
  }
  return key;
}

function importKey(jwk: Jwk, algorithm: Algorithm): Promise<CryptoKey> {
  const params = algorithm.importParams as RsaHashedImportParams;
  if (jwk.kty === 'oct') {
    return crypto.subtle.importKey('raw', decodeBase64url(jwk.k || '') as Uint8Array, params, false, ['verify']);
  }
  const { kty, n, e, crv, x, y } = jwk;
  const material = kty === 'RSA' ? { kty, n, e } : { kty: 'EC' as const, crv, x, y };
  return crypto.subtle.importKey('jwk', material, params, false, ['verify']);
}
