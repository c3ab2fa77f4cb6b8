import { type AuthorizationResponse, responseOf } from './authorization-response';
import { oidcError } from './errors';
import { type Expected, responseRules } from './id-token';
import { stringMember } from './json';
import type { VerifiedJws } from './jws';
import type { Parameters } from './parameters';

/** What to call it in messages. */
export const responseName = 'authorization response';

/**
 * What an authorization response says that is a JWT (JARM), once its signature holds.
 * @throws response_invalid, naming the claim; callback_invalid when it says neither code nor error, or no state
 */
export function validateResponseJwt(
  { payload }: VerifiedJws,
  expected: Pick<Expected, 'issuer' | 'clientId' | 'now' | 'clockSkew'>,
): AuthorizationResponse {
  for (const rule of responseRules) {
    const problem = rule(payload, expected);
    if (problem !== undefined) {
      throw invalid(problem);
    }
  }
  const parameters: Parameters = {};
  for (const name of ['state', 'code', 'error', 'error_description', 'iss']) {
    parameters[name] = stringMember(payload, name);
  }
  return responseOf(parameters);
}

/** What is wrong with a JWS or JWE, as an error of a response; any other error stays what it is. */
export function responseErrorOf(error: unknown): unknown {
  const { code, detail } = error as { code?: string; detail?: string };
  return /^(?:id_token_|unknown_key|decryption_)/.test(code || '') ? invalid(String(detail)) : error;
}

const invalid = (problem: string) => oidcError('response_invalid', `${responseName}: ${problem}`);
