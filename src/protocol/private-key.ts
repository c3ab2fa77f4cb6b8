import { decodeBase64url, encodeBase64url } from './base64url';
import { type Der, readDer } from './der';
import { isJsonObject, type JsonObject, parseJsonObject, stringMember } from './json';
import { printable } from './text';

/** A private key of this client. */
export interface PrivateKey {
  readonly kty: 'RSA' | 'EC';
  /** Of EC. */
  readonly crv?: string;
  readonly kid?: string;
  readonly use?: string;
  readonly alg?: string;
  /** Of the one key in a PEM file: the certificate that stands there, too. DER. */
  readonly certificate?: Uint8Array;
  /** The key itself as a JWK (RFC 7518 section 6), without what stands above. */
  readonly jwk: Record<string, string>;
}

const publicMembers = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'] };
const privateMembers = { RSA: ['d', 'p', 'q', 'dp', 'dq', 'qi'], EC: ['d'] };
const leastRsaBytes = 256;
const mostKeys = 20;

/**
 * Reads a file of private keys: a JWK, a JWK set, or PEM (PKCS#8, PKCS#1, SEC 1), also several in a row.
 * @returns at least one key, in the order of the file
 * @throws Error whose message says what is wrong, and never a part of a key
 */
export function parsePrivateKeys(text: string): PrivateKey[] {
  const keys = text.trim().charAt(0) === '{' ? keysOfJson(text) : keysOfPem(text);
  if (keys.length === 0 || keys.length > mostKeys) {
    throw new Error(`holds ${keys.length} private keys, not 1 to ${mostKeys} as JWK or PEM`);
  }
  return keys;
}

/** The public half: `kty` and what RFC 7638 takes the thumbprint of. */
export function publicJwk({ kty, jwk }: PrivateKey): Record<string, string> {
  const shown: Record<string, string> = { kty };
  for (const name of publicMembers[kty]) {
    shown[name] = jwk[name] as string;
  }
  return shown;
}

/** Its name: the `kid` that its file gives it, else its thumbprint with SHA-256 (RFC 7638). */
export async function keyId(key: PrivateKey): Promise<string> {
  return key.kid === undefined ? thumbprint(key) : key.kid;
}

/** RFC 7638, SHA-256, base64url. */
export async function thumbprint(key: PrivateKey): Promise<string> {
  const members = publicJwk(key);
  const names = Object.keys(members).sort();
  const text = `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(members[name])}`).join(',')}}`;
  return sha256(Buffer.from(text));
}

/** In base64url, as thumbprints are written. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

function keysOfJson(text: string): PrivateKey[] {
  const found = parseJsonObject(text);
  if (!found) {
    throw new Error('is not JSON');
  }
  const list = Array.isArray(found.keys) ? (found.keys as unknown[]) : [found];
  return list.map((jwk, index) => {
    try {
      return keyOfJwk(jwk);
    } catch (error) {
      throw new Error(`key ${index + 1} ${(error as Error).message}`);
    }
  });
}

function keyOfJwk(found: unknown): PrivateKey {
  const jwk = isJsonObject(found) ? found : {};
  const kty = stringMember(jwk, 'kty');
  if (kty !== 'RSA' && kty !== 'EC') {
    throw new Error(`has "kty" ${printable(kty || '', 20)}, which is neither RSA nor EC`);
  }
  const members: Record<string, string> = {};
  for (const name of publicMembers[kty].concat(privateMembers[kty])) {
    const value = stringMember(jwk, name);
    if (value === undefined || !decodeBase64url(name === 'crv' ? '' : value)) {
      throw new Error(`lacks "${name}": it must be a whole private key`);
    }
    members[name] = value;
  }
  return keyOf(kty, members, jwk);
}

function keyOf(kty: 'RSA' | 'EC', members: Record<string, string>, about: JsonObject = {}): PrivateKey {
  if (kty === 'RSA' && (decodeBase64url(members.n as string) as Uint8Array).length < leastRsaBytes) {
    throw new Error('is an RSA key of less than 2048 bits');
  }
  if (kty === 'EC' && !curveBytes[members.crv as string]) {
    throw new Error(`is of curve ${printable(members.crv as string, 20)}, not P-256, P-384 or P-521`);
  }
  const key: Record<string, unknown> = { kty, jwk: Object.assign({ kty }, members) };
  for (const name of ['crv', 'kid', 'use', 'alg']) {
    const value = name === 'crv' ? members.crv : stringMember(about, name);
    if (value !== undefined) {
      key[name] = value;
    }
  }
  return key as unknown as PrivateKey;
}

function keysOfPem(text: string): PrivateKey[] {
  const keys: PrivateKey[] = [];
  let certificate: Uint8Array | undefined;
  const block = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g;
  for (let found = block.exec(text); found; found = block.exec(text)) {
    const kind = found[1] as string;
    const body = found[2] as string;
    if (kind === 'ENCRYPTED PRIVATE KEY' || /ENCRYPTED/.test(body)) {
      throw new Error('is encrypted with a passphrase: openssl pkey -in old.pem -out new.pem');
    }
    const bytes = Buffer.from(body.replace(/\s+/g, ''), 'base64');
    const read = pemKinds[kind];
    if (read) {
      keys.push(read(readDer(bytes)));
    } else if (kind === 'CERTIFICATE') {
      certificate = certificate || bytes;
    }
  }
  return keys.length === 1 && certificate ? [Object.assign({ certificate }, keys[0])] : keys;
}

/** What else may stand in the file, such as EC parameters, is no private key. */
const pemKinds: Record<string, (der: Der) => PrivateKey> = Object.assign(Object.create(null), {
  'PRIVATE KEY': pkcs8,
  'RSA PRIVATE KEY': pkcs1,
  'EC PRIVATE KEY': (der: Der) => sec1(der, ''),
});

const curveBytes: Record<string, number> = Object.assign(Object.create(null), {
  'P-256': 32,
  'P-384': 48,
  'P-521': 66,
});
/** Object identifiers, in hex. */
const curves: Record<string, string> = Object.assign(Object.create(null), {
  '2a8648ce3d030107': 'P-256',
  '2b81040022': 'P-384',
  '2b81040023': 'P-521',
});

/** RFC 5958 section 2. */
function pkcs8(der: Der): PrivateKey {
  const [, algorithm, key] = der.children();
  const [oid, parameters] = algorithm?.children() || [];
  const name = oid?.hex();
  const inside = key && readDer(key.content);
  if (inside && (name === '2a864886f70d010101' || name === '2a864886f70d01010a')) {
    return pkcs1(inside); // rsaEncryption, RSASSA-PSS
  }
  if (inside && name === '2a8648ce3d0201') {
    return sec1(inside, parameters?.hex() || '');
  }
  throw new Error('is a private key of another kind than RSA or EC');
}

/** RFC 8017 appendix A.1.2. */
function pkcs1(der: Der): PrivateKey {
  const integers = der.children().slice(1);
  const members: Record<string, string> = {};
  publicMembers.RSA.concat(privateMembers.RSA).forEach((name, index) => {
    let bytes = integers[index]?.content || new Uint8Array(0);
    while (bytes[0] === 0) {
      bytes = bytes.slice(1);
    }
    if (bytes.length === 0) {
      throw new Error('is a broken RSA key');
    }
    members[name] = encodeBase64url(bytes);
  });
  return keyOf('RSA', members);
}

/** RFC 5915 section 3. */
function sec1(der: Der, oid: string): PrivateKey {
  const parts = der.children();
  const secret = parts[1];
  const inside = (tag: number) => parts.filter((part) => part.tag === tag)[0]?.children()[0];
  const crv = curves[oid || inside(0xa0)?.hex() || ''];
  const size = curveBytes[crv || ''];
  const point = inside(0xa1)?.content;
  if (!crv || !size || !secret || secret.content.length !== size) {
    throw new Error('is an EC key of another curve than P-256, P-384 or P-521');
  }
  if (!point || point.length !== 2 * size + 2 || point[1] !== 4) {
    throw new Error('is an EC key without its public half: openssl pkey -in old.pem -out new.pem');
  }
  return keyOf('EC', {
    crv,
    x: encodeBase64url(point.slice(2, 2 + size)),
    y: encodeBase64url(point.slice(2 + size)),
    d: encodeBase64url(secret.content),
  });
}
