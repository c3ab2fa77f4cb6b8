import { randomUUID } from 'node:crypto';

export const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

/** The claims of a logout token that holds, but for `changes`; one that is undefined goes away. */
export function logoutClaims(
  { iss, aud }: { iss: string; aud: string },
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return { iss, aud, iat: now, exp: now + 120, jti: randomUUID(), events: { [logoutEvent]: {} }, ...changes };
}
