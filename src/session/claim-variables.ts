import { claimText, claimVariableName } from '../protocol/claims';

/**
 * The NGINX variables that claims become: `$oidc_claim_<name>` and `$jwt_claim_<name>`, as far as the configuration
 * declares them.
 * @param isDeclared whether NGINX knows a variable of that name
 */
export function claimVariables(
  claims: Record<string, unknown>,
  isDeclared: (name: string) => boolean,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const claim of Object.keys(claims)) {
    const text = claimText(claims[claim]);
    if (text === undefined) {
      continue;
    }
    for (const prefix of ['oidc_claim_', 'jwt_claim_']) {
      const name = prefix + claimVariableName(claim);
      if (isDeclared(name)) {
        variables[name] = text;
      }
    }
  }
  return variables;
}
