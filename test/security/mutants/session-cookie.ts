// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import type { Mutant } from './mutant';

export const sessionCookie: Mutant[] = (
  [
    [
      'session cookie: another site asks to keep it',
      'src/steps/begin-login.ts',
      'wish.keep && !isCrossSite(r, baseUrl)',
      'wish.keep',
      'only by a link of this site',
    ],
    [
      'session cookie: kept although the operator did not say so',
      'src/steps/accept-sign-in.ts',
      "config.keep_signed_in === 'ask' && keep === true",
      'keep === true',
      'as long as the browser runs',
    ],
    [
      'session cookie: kept without limits of its own',
      'src/steps/accept-sign-in.ts',
      '{ timeout: config.keep_signed_in_timeout, idleTimeout: config.keep_signed_in_idle_timeout }',
      '{ timeout: config.session_timeout, idleTimeout: config.session_idle_timeout }',
      'limits of their own',
    ],
    [
      'session cookie: None without TLS',
      'src/visit/visit.ts',
      "attributes.sameSite === 'None' && !secure",
      'false as boolean',
      'is refused',
    ],
  ] as const
).map(
  ([name, file, text, replacement, pattern]): Mutant => ({
    name,
    file,
    text,
    replacement,
    test: 'test/integration/session-cookie.test.ts',
    pattern,
    nginx: true,
  }),
);

export const sharedCookie: Mutant[] = (
  [
    [
      'of two the first opens',
      'src/browser/gate-cookies.ts',
      "isShared && first !== '' && next !== '' && next !== first ? several",
      'isShared && false ? several',
      'security/shared-cookie',
      'signs nobody in',
    ],
    [
      'a sign-out ends only one',
      'src/visit/visit.ts',
      "config.cookie_domain === '' ? 1 : mostSecrets",
      '1',
      'security/shared-cookie',
      'ends at sign-out',
    ],
    [
      'counts without its prefix',
      'src/browser/gate-cookies.ts',
      "isShared ? '__Secure-' : '__Host-'",
      "isShared ? '' : '__Host-'",
      'security/shared-cookie',
      'counts with its prefix alone',
    ],
    [
      'reaches the application',
      'src/browser/gate-cookies.ts',
      '    called === name ||\n',
      '',
      'security/shared-cookie',
      'never reaches the application',
    ],
    [
      'any host may share it',
      'src/visit/visit.ts',
      '!host.endsWith(`.${domain}`)',
      '!host.endsWith(domain)',
      'integration/cookie-name-and-domain',
      'is refused in words',
    ],
  ] as const
).map(
  ([name, file, text, replacement, test, pattern]): Mutant => ({
    name: `session cookie: ${name}`,
    file,
    text,
    replacement,
    test: `test/${test}.test.ts`,
    pattern,
    nginx: true,
  }),
);
