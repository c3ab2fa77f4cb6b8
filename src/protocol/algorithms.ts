/**
 * All that is to know of a signature algorithm (RFC 7518 section 3, RFC 8037, RFC 9864); what is not in the table does not
 * exist here.
 */
export interface Algorithm {
  readonly kty: 'RSA' | 'EC' | 'OKP' | 'oct';
  readonly hash: 'SHA-256' | 'SHA-384' | 'SHA-512';
  readonly crv?: 'P-256' | 'P-384' | 'P-521' | 'Ed25519';
  /** Length of an ECDSA or EdDSA signature, bytes. */
  readonly signatureBytes?: number;
  readonly importParams: object;
  readonly verifyParams: object;
}

const rsa = (name: string, hash: Algorithm['hash'], saltLength?: number): Algorithm => ({
  kty: 'RSA',
  hash,
  importParams: { name, hash },
  verifyParams: saltLength === undefined ? { name } : { name, saltLength },
});

const ec = (crv: 'P-256' | 'P-384' | 'P-521', hash: Algorithm['hash'], signatureBytes: number): Algorithm => ({
  kty: 'EC',
  hash,
  crv,
  signatureBytes,
  importParams: { name: 'ECDSA', namedCurve: crv },
  verifyParams: { name: 'ECDSA', hash },
});

/** Its own hash, SHA-512, also makes `at_hash`. */
const ed25519: Algorithm = {
  kty: 'OKP',
  hash: 'SHA-512',
  crv: 'Ed25519',
  signatureBytes: 64,
  importParams: { name: 'Ed25519' },
  verifyParams: { name: 'Ed25519' },
};

const hmac = (hash: Algorithm['hash']): Algorithm => ({
  kty: 'oct',
  hash,
  importParams: { name: 'HMAC', hash },
  verifyParams: { name: 'HMAC' },
});

const algorithms: Record<string, Algorithm> = {
  RS256: rsa('RSASSA-PKCS1-v1_5', 'SHA-256'),
  RS384: rsa('RSASSA-PKCS1-v1_5', 'SHA-384'),
  RS512: rsa('RSASSA-PKCS1-v1_5', 'SHA-512'),
  PS256: rsa('RSA-PSS', 'SHA-256', 32),
  PS384: rsa('RSA-PSS', 'SHA-384', 48),
  PS512: rsa('RSA-PSS', 'SHA-512', 64),
  ES256: ec('P-256', 'SHA-256', 64),
  ES384: ec('P-384', 'SHA-384', 96),
  ES512: ec('P-521', 'SHA-512', 132),
  EdDSA: ed25519,
  Ed25519: ed25519,
  HS256: hmac('SHA-256'),
  HS384: hmac('SHA-384'),
  HS512: hmac('SHA-512'),
};

/** All of them. */
export const algorithmNames = Object.keys(algorithms);

export function algorithmOf(name: string): Algorithm | undefined {
  return Object.prototype.hasOwnProperty.call(algorithms, name) ? algorithms[name] : undefined;
}
