// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import { type Mutant, unit } from './mutant';

export const optionalSignIn: Mutant[] = [
  unit(
    'every page is optional',
    'nginx/gate',
    "r.variables.args !== 'optional'",
    "r.variables.args === 'required'",
    'nginx/gate',
    'stops who is not signed in',
  ),
  unit(
    'a client makes a page optional',
    'nginx/gate',
    "r.variables.args !== 'optional'",
    "r.variables.http_oidc_optional !== '1'",
    'nginx/gate',
    'with the cookies of the application alone',
  ),
  {
    name: 'an error of the gate is anonymous',
    file: 'src/handlers/continue-session.ts',
    text: 'fail(r, error);',
    replacement: "deny(r, '', allow);",
    test: 'test/integration/optional-sign-in.test.ts',
    pattern: 'is not "anonymous"',
    nginx: true,
  },
  {
    name: '/_oidc_optional can be asked from outside',
    file: 'nginx/openid_connect.server_conf',
    text: 'location = /_oidc_optional {\n    internal;',
    replacement: 'location = /_oidc_optional {',
    test: 'test/integration/optional-sign-in.test.ts',
    pattern: 'nobody makes a protected page optional',
    nginx: true,
  },
];
