// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import type { Mutant } from './mutant';

export const templates: Mutant[] = [
  {
    name: 'a gate that cannot be asked is asked within the request, whoever answered',
    file: 'src/handlers/continue-session.ts',
    text: "    checkGate(answered, r.variables.oidc_demands || '');\n",
    replacement: '',
    test: 'test/integration/gate.test.ts',
    pattern: 'cannot be asked',
    nginx: true,
  },
  {
    name: "the application gets the browser's whole Cookie header",
    file: 'nginx/frontend.conf',
    text: 'proxy_set_header Cookie    $oidc_app_cookies;',
    replacement: '',
    test: 'test/integration/sign-in.test.ts',
    pattern: 'removes its own cookies',
    nginx: true,
  },
  {
    name: 'the application believes a user name that the browser sends',
    file: 'nginx/frontend.conf',
    text: 'proxy_set_header X-Email   $oidc_claim_email;',
    replacement: '',
    test: 'test/integration/sign-in.test.ts',
    pattern: 'removes its own cookies',
    nginx: true,
  },
  {
    name: 'a location without the gate',
    file: 'nginx/frontend.conf',
    text: 'auth_request /_oidc_auth;  ',
    replacement: 'auth_request off;  ',
    test: 'test/integration/sign-in.test.ts',
    pattern: 'answers .* without a session with 401',
    nginx: true,
  },
  {
    name: 'an identity header with an underscore passes',
    file: 'nginx/frontend.conf',
    text: 'proxy_set_header X_Email  "";',
    replacement: '',
    test: 'test/security/headers.test.ts',
    pattern: 'never reach the application',
    nginx: true,
  },
  {
    name: 'access.log shows the second of two codes',
    file: 'nginx/frontend.conf',
    text: '(?:[^&]*+&)*?(?:amp;)?(?:code',
    replacement: '(?:[^&]*+&)*(?:amp;)?(?:code',
    test: 'test/integration/access-log.test.ts',
    pattern: 'cuts',
    nginx: true,
  },
  {
    name: 'access.log shows a code whose name is percent-encoded',
    file: 'nginx/frontend.conf',
    text: '|[^&=%]*+%[^&=]*+)=)',
    replacement: ')=)',
    test: 'test/integration/access-log.test.ts',
    pattern: 'cuts',
    nginx: true,
  },
];
