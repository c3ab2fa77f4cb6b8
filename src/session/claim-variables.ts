import { type ClaimLimits, claimHeader, claimVariableName } from '../protocol/claims';
import { printable } from '../protocol/text';

/** A claim that the configuration asks for and that could not be handed on, with the reason and what to do. */
export interface LeftOutClaim {
  claim: string;
  /** Without `$`, its prefix `oidc_claim_` or `jwt_claim_`. */
  variable: string;
  problem: string;
  remedy: string;
}

/**
 * The NGINX variables that claims become: `$oidc_claim_<name>` and `$jwt_claim_<name>`, as far as the configuration
 * declares them; each holds a whole claim, or is not there and the claim is among `leftOut`.
 * @param isDeclared whether NGINX knows a variable of that name
 */
export function claimVariables(
  claims: Record<string, unknown>,
  limits: ClaimLimits,
  isDeclared: (name: string) => boolean,
): { variables: Record<string, string>; leftOut: LeftOutClaim[] } {
  const variables: Record<string, string> = {};
  const leftOut: LeftOutClaim[] = [];
  const namesakes = byVariableName(claims);
  for (const name of Object.keys(namesakes)) {
    const [claim, other] = namesakes[name] as [string, string?];
    const declared = ['oidc_claim_', 'jwt_claim_'].map((prefix) => prefix + name).filter(isDeclared);
    const header = declared.length === 0 ? undefined : claimHeader(claims[claim], limits);
    if (header === undefined) {
      continue;
    }
    const about = { claim, variable: declared[0] as string };
    if (other !== undefined) {
      const problem = `shares its variable with the claim "${printable(other, 80)}"`;
      leftOut.push({ ...about, problem, remedy: 'have the provider send one of them' });
    } else if ('problem' in header) {
      leftOut.push({ ...about, ...header });
    } else {
      for (const variable of declared) {
        variables[variable] = header.text;
      }
    }
  }
  return { variables, leftOut };
}

/** The names of the claims that have a value, by the variable that each would be. */
function byVariableName(claims: Record<string, unknown>): Record<string, string[]> {
  const names: Record<string, string[]> = Object.create(null);
  for (const claim of Object.keys(claims)) {
    if (claims[claim] !== null) {
      const name = claimVariableName(claim);
      names[name] = (names[name] || []).concat(claim);
    }
  }
  return names;
}
