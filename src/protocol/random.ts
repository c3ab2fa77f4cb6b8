import { encodeBase64url } from './base64url';

/** Base64url of that many random bytes of the engine's CSPRNG. */
export function randomToken(bytes: number): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(bytes)) as Uint8Array);
}
