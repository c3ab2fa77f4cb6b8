// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import { idToken, type Mutant, unit } from './mutant';

export const plus: Mutant[] = [
  idToken(
    'any nonce in a renewed token whose first is not known',
    "if (previous === 'unknown') {",
    "if (previous === 'unknown') { return undefined;",
    'not known any more',
  ),
  unit(
    'a renewal brings back what was signed out',
    'plus/refresh',
    'return isThere(visit); // somebody',
    '// somebody',
    'plus/renewal',
    'signed out meanwhile',
  ),
  unit(
    'after a renewal nothing is known of the first ID token',
    'plus/refresh',
    'first || { iss, sub }',
    '{ iss, sub }',
    'plus/renewal',
    'remembers what the first ID token said',
  ),
  unit(
    'a sign-in after a failed renewal leads anywhere',
    'plus/sign-in-again',
    'safeReturnPath(path)',
    'path',
    'plus/renewal',
    'leads to no other site',
  ),
  unit(
    'the cause is on every error page',
    'nginx/debug',
    "debug === '1' || debug === 'on'",
    'true',
    'browser/respond',
    'has no cause',
  ),
  unit(
    'a session outlives a provider that wants to see the person',
    'steps/failed-renewal',
    "'interaction_required',",
    '',
    'steps/failed-renewal',
    'interaction_required',
  ),
];
