import type { Algorithm } from './algorithms';
import { decodeBase64url } from './base64url';
import { oidcError } from './errors';
import { isJsonObject, type JsonObject, parseJsonObject, stringMember } from './json';
import { printable } from './text';

/** The members of a JWK (RFC 7517) that verification needs. */
export interface Jwk {
  kty: 'RSA' | 'EC' | 'OKP' | 'oct';
  kid?: string;
  alg?: string;
  n?: string;
  e?: string;
  crv?: string;
  x?: string;
  y?: string;
  k?: string;
  /** Whose it is, where the provider has many tenants and says so (Microsoft Entra ID). */
  issuer?: string;
}

const mostKeys = 1000;
const leastRsaBytes = 256;

/**
 * The signature keys of a JWK set; what is for encryption, too weak or of an unknown kind is left out.
 * @throws jwks_invalid when the text is no JWK set, or one without end
 */
export function parseJwks(text: string): Jwk[] {
  return readJwks(text).filter(isStrong);
}

/** The signature keys of a JWK set that parseJwks leaves out as too short, as words for the log. */
export function weakKeys(text: string): string[] {
  return readJwks(text)
    .filter((key) => !isStrong(key))
    .map(({ kty, kid }) => `${kty} "${printable(kid || '', 80)}"`);
}

function readJwks(text: string): Jwk[] {
  const keys = parseJsonObject(text)?.keys;
  if (!Array.isArray(keys)) {
    throw oidcError('jwks_invalid', 'not a JWK set: no JSON object with a "keys" list');
  }
  if (keys.length > mostKeys) {
    throw oidcError('jwks_invalid', `a JWK set of ${keys.length} keys, more than ${mostKeys}`);
  }
  return keys.map(parseJwk).filter((key) => key !== undefined);
}

function parseJwk(value: unknown): Jwk | undefined {
  if (!isJsonObject(value) || (value.use !== undefined && value.use !== 'sig')) {
    return undefined;
  }
  const operations = value.key_ops;
  if (operations !== undefined && !(Array.isArray(operations) && operations.indexOf('verify') >= 0)) {
    return undefined;
  }
  const members = membersByType[stringMember(value, 'kty') as Jwk['kty']];
  if (!members || (value.kid !== undefined && typeof value.kid !== 'string')) {
    return undefined;
  }
  const key: JsonObject = { kty: value.kty };
  for (const name of members) {
    key[name] = stringMember(value, name);
    if (key[name] === undefined) {
      return undefined;
    }
  }
  if (key.kty === 'OKP' && !isEd25519(key)) {
    return undefined;
  }
  for (const name of ['kid', 'alg', 'issuer']) {
    const member = stringMember(value, name);
    if (member !== undefined) {
      key[name] = member;
    }
  }
  return key as unknown as Jwk;
}

const membersByType: Record<Jwk['kty'], string[]> = Object.assign(Object.create(null), {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
  oct: ['k'],
});

/** RFC 8037 section 2; Ed448 is not verified here, and X25519 is for encryption. */
function isEd25519({ crv, x }: JsonObject): boolean {
  return crv === 'Ed25519' && decodeBase64url(x as string)?.length === 32;
}

function isStrong(key: Jwk): boolean {
  if (key.kty === 'oct') {
    return (decodeBase64url(key.k || '')?.length || 0) >= 16;
  }
  const modulus = decodeBase64url(key.n || '');
  return key.kty !== 'RSA' || (modulus !== undefined && modulus.length >= leastRsaBytes && modulus[0] !== 0);
}

/**
 * The keys that a token with this header may be signed with: kind, curve, `alg` and `kid` must agree. Without a `kid`
 * in the token, every fitting key; a key without `kid` fits any.
 */
export function selectKeys(keys: Jwk[], header: { alg: string; kid?: string }, algorithm: Algorithm): Jwk[] {
  return keys.filter(
    (key) =>
      key.kty === algorithm.kty &&
      (algorithm.crv === undefined || key.crv === algorithm.crv) &&
      (key.alg === undefined || key.alg === header.alg) &&
      (key.kid === undefined || header.kid === undefined || key.kid === header.kid),
  );
}
