/**
 * When an access token ends, seconds since 1970; 0 where the provider does not tell.
 * @param expiresIn its lifetime in seconds
 */
export function accessTokenEnd(now: number, expiresIn: number | undefined): number {
  return expiresIn === undefined ? 0 : now + expiresIn;
}

/** When to renew a session's tokens, and until when they are good: seconds since 1970, 0 for never. */
export interface RenewalTimes {
  renewAt: number;
  expiresAt: number;
}

/**
 * The earlier end of both tokens counts; renewal begins `ahead` seconds before, at most a quarter of the lifetime.
 * @param expiresIn lifetime of the access token in seconds, where the provider tells
 * @param idTokenExpires `exp` of the ID token, where there is a new one
 */
export function renewalTimes(
  now: number,
  ahead: number,
  expiresIn: number | undefined,
  idTokenExpires: number | undefined,
): RenewalTimes {
  const expiresAt = Math.min(expiresIn === undefined ? Infinity : now + expiresIn, idTokenExpires || Infinity);
  if (expiresAt === Infinity) {
    return { renewAt: 0, expiresAt: 0 };
  }
  const lifetime = Math.max(0, expiresAt - now);
  return { renewAt: expiresAt - Math.min(ahead, Math.floor(lifetime / 4)), expiresAt };
}
