import { encodeBase64url } from './base64url';
import { randomToken } from './random';

/** A code verifier of 43 characters (RFC 7636 section 4.1). */
export function createCodeVerifier(): string {
  return randomToken(32);
}

/** The S256 code challenge (RFC 7636 section 4.2). */
export async function codeChallengeS256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(verifier));
  return encodeBase64url(new Uint8Array(digest));
}
