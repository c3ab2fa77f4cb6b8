import hashes from 'crypto';

/**
 * Where the verdict on a token is kept: a hash, so that nothing in the zone can be turned into a token.
 * @param site what only this site's configuration knows
 * @param asked what the location asks of a token: a verdict holds for that alone
 */
export function verdictEntry(authorization: string, site: string, asked: string): string {
  return `v:${hashes.createHash('sha256').update(`${site}\n${asked}\n${authorization}`).digest('base64url')}`;
}

/** Where the provider's word on a token is kept. @param site as above, with the endpoint that was asked */
export function introspectionEntry(token: string, site: string): string {
  return `i:${hashes.createHash('sha256').update(`introspection\n${site}\n${token}`).digest('base64url')}`;
}

/** Where it is noted that a proof was used. @param jkt thumbprint of its key */
export function proofEntry(jkt: string, jti: string): string {
  return `d:${hashes.createHash('sha256').update(`${jkt}\n${jti}`).digest('base64url')}`;
}

/**
 * A good verdict as the zone has it, in lines: `UNTIL WANTS` (seconds since 1970; `Wants` of a session), then name and
 * value of each variable. The gate reads it as it is.
 */
export function encodeVerdict(until: number, wants: string, variables: Record<string, string>): string {
  const lines = [`${until} ${wants}`];
  for (const name of Object.keys(variables)) {
    lines.push(name, (variables[name] as string).replace(/\n/g, ' '));
  }
  return lines.join('\n');
}
