// location = /_token_validation of existing configurations. Nothing here calls it: ID tokens are verified in code.

/** The claims that auth_jwt found in the token, as JSON. */
export function extractTokenClaims(r: NginxHTTPRequest): void {
  const claims: Record<string, string | string[]> = {};
  for (const name of ['sub', 'iss', 'iat', 'nonce', 'sid']) {
    const value = r.variables[`jwt_claim_${name}`];
    if (value) {
      claims[name] = value;
    }
  }
  const audience = r.variables.jwt_audience;
  if (audience) {
    claims.aud = audience.split(',');
  }
  r.return(200, JSON.stringify(claims));
}
