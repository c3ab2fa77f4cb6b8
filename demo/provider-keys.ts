import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';

export interface SigningKey extends JsonWebKey {
  kid?: string;
  alg?: string;
  use?: string;
}

const curves: Record<string, string> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** A new private signing key as a JWK: an RSA key of 2048 bits, or for ES* an EC key on the algorithm's curve. */
export function createSigningKey(algorithm = 'RS256', kid?: string): SigningKey {
  const namedCurve = curves[algorithm];
  const { privateKey } = namedCurve
    ? generateKeyPairSync('ec', { namedCurve })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', ...(kid && { kid }) };
}

/** One RSA key (all of RS* and PS*) and one key for each ES algorithm. */
export function createSigningKeys(): SigningKey[] {
  return ['RS256', ...Object.keys(curves)].map((algorithm) => createSigningKey(algorithm));
}
