// What a location demands of somebody who is signed in: a rule on claims, and how the sign-in was.

import { oidcError } from './errors';
import type { JsonObject } from './json';
import { type Denial, denialOf, type Rule, readRule } from './rule';
import { freshUntil, isAnySignIn, lackOf, parseAcrValues, parseMaxAge, type StepUp } from './step-up';

export interface Demands {
  /** undefined: any claims will do. */
  readonly rule: Rule | undefined;
  readonly stepUp: StepUp;
}

/** `until`: the demands are met till then, seconds since 1970, as long as the claims are the same. */
export type Verdict = { readonly until: number } | { readonly denial: Denial } | { readonly lack: 'acr' | 'auth_time' };

/** What was read of late, where the engine keeps a module between requests. */
let known: Record<string, Demands> = Object.create(null);
let texts = 0;
const mostTexts = 200;

/**
 * Reads `$oidc_demands`: rule, acr values and maximal age, with tabs between them.
 * @throws config_invalid, saying where; what cannot be read must not let anybody in
 */
export function readDemands(text: string): Demands {
  const before = known[text];
  if (before) {
    return before;
  }
  const last = text.lastIndexOf('\t');
  const middle = text.lastIndexOf('\t', last - 1);
  const rule = text.slice(0, Math.max(0, middle));
  if (middle < 0 || last <= middle) {
    throw oidcError('config_invalid', '$oidc_demands is set by openid_connect.server_conf alone: remove your line');
  }
  const demands = {
    rule: named('require', () => readRule(rule)),
    stepUp: {
      acrValues: named('acr_values', () => parseAcrValues(text.slice(middle + 1, last))),
      maxAge: named('max_age', () => parseMaxAge(text.slice(last + 1))),
    },
  };
  if (texts++ >= mostTexts) {
    known = Object.create(null);
    texts = 1;
  }
  known[text] = demands;
  return demands;
}

function named<T>(setting: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw oidcError('config_invalid', `$oidc_${setting} ${(error as Error).message}`);
  }
}

/** Whether a session is all that it takes. */
export function asksNothing({ rule, stepUp }: Demands): boolean {
  return rule === undefined && isAnySignIn(stepUp);
}

/** The rule comes first: who may not go on need not sign in anew to hear of it. */
export function judge({ rule, stepUp }: Demands, claims: JsonObject, now: number): Verdict {
  const denial = rule && denialOf(rule, claims);
  if (denial) {
    return { denial };
  }
  const lack = lackOf(stepUp, claims, now);
  return lack === undefined ? { until: freshUntil(stepUp.maxAge, claims) } : { lack };
}
