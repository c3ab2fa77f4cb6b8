import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { codeChallengeS256, createCodeVerifier } from '../../../src/protocol/pkce';

it('a code verifier has 43 characters that need no encoding, and never repeats', () => {
  const verifiers = Array.from({ length: 100 }, createCodeVerifier);
  for (const verifier of verifiers) expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(new Set(verifiers).size).toBe(100);
});

it('its challenge is that of RFC 7636 appendix B', async () => {
  const challenge = await codeChallengeS256('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk');
  expect(challenge).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
});

it('its challenge is the SHA-256 of whatever the verifier is', async () => {
  const verifier = createCodeVerifier();
  const expected = createHash('sha256').update(verifier).digest('base64url');
  expect(await codeChallengeS256(verifier)).toBe(expected);
});
