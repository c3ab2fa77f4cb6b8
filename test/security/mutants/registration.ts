// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import { type Mutant, onNginx, unit } from './mutant';

const response = (name: string, text: string, replacement: string, pattern: string) =>
  unit(
    `registration: ${name}`,
    'protocol/registration-response',
    text,
    replacement,
    'protocol/registration-response',
    pattern,
  );

export const registration: Mutant[] = [
  response('a line break in a setting', '!/[^\\x20-\\x7e]/.test(value)', 'true', 'is none'),
  response(
    'its token goes to anybody',
    'sameOrigin(originOf(uri), originOf(endpoint))',
    "uri !== ''",
    'no way to change it|of the same origin',
  ),
  response('a token that ends a quotation', "token !== '' && isToken", "token !== ''", 'no way to change it'),
  response('a client without its secret', 'needsSecret &&', 'false &&', 'is none'),
  unit(
    'registration: a quotation mark ends a setting',
    'browser/registration-text',
    "replace(/[\\\\\"]/g, '\\\\$&')",
    "replace(/[\\\\]/g, '\\\\$&')",
    'browser/registration-text',
    'quotes as NGINX',
  ),
  unit(
    'registration: a variable in a secret',
    'browser/registration-text',
    ".replace(/\\$/g, () => '${oidc_dollar}')",
    '',
    'browser/registration-text',
    'quotes as NGINX',
  ),
  unit(
    'registration: any registration endpoint',
    'protocol/registration-request',
    '/[^\\x21-\\x7e]/.test(registrationEndpoint)',
    'false',
    'protocol/registration-request',
    'that registers clients at',
  ),
  onNginx(
    'registration: a browser may ask',
    'browser/operator',
    'r.variables.http_sec_fetch_site || r.variables.http_origin',
    'false',
    'integration/oidc-register',
    'for a browser',
  ),
  onNginx(
    'registration: any address gets the token',
    'handlers/oidc-register',
    '  checkManagementUri(uri, endpoint);\n',
    '',
    'integration/oidc-register',
    'to nobody but the provider',
  ),
];
