// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import { type Mutant, onNginx, unit } from './mutant';

const keptForm = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'session/kept-form', text, replacement, 'session/kept-form', pattern);
const person = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'session/person-since', text, replacement, 'session/person-since', pattern);
const onReturn = (name: string, file: string, text: string, replacement: string, pattern: string) =>
  onNginx(name, file, text, replacement, 'security/oidc-return', pattern);

export const keptForms: Mutant[] = [
  keptForm('a kept form opens for ever', 'now - posted <= timeout * 1000', 'true', 'and in time'),
  keptForm(
    'a kept form opens at any site',
    'open(sealOf(hmacKey), origin, sealed)',
    'open(sealOf(hmacKey), "", sealed)',
    'comes back',
  ),
  onReturn(
    'a kept form is sent again and again',
    'handlers/oidc-return',
    '!(await context.once(',
    'false && (await context.once(',
    'are opened for the own pages alone',
  ),
  person('a change of person goes unnoticed', 'before && before.person === person', 'before', 'last change of person'),
  person(
    'what another site noted of a person counts',
    'seal(sealOf(hmacKey), origin, `',
    'seal(sealOf(hmacKey), "", `',
    'for one realm',
  ),
  onReturn(
    'a form of another site is kept',
    'steps/keep-form',
    '!isFromOwnPages(r, baseUrl)',
    'false',
    'of the own pages alone, as far',
  ),
  onReturn(
    'a form of a neighbouring host is kept',
    'browser/navigation',
    "site ? site === 'same-origin' : origin",
    "site ? site !== 'cross-site' : origin",
    'of the own pages alone, as far',
  ),
  onReturn(
    'a form without any proof is kept',
    'browser/navigation',
    "origin !== undefined && origin !== '' && sameOrigin(origin, baseUrl);\n}\n\n/**\n * Whether another",
    '(!origin || sameOrigin(origin, baseUrl));\n}\n\n/**\n * Whether another',
    'of the own pages alone, as far',
  ),
  onReturn(
    'another site has a kept form opened',
    'handlers/oidc-return',
    '!isFromOwnPages(r, baseUrl)',
    'false',
    'are opened for the own pages alone',
  ),
  onReturn(
    'a kept form is opened for nobody in particular',
    'handlers/oidc-return',
    'if (!session) {',
    'if (false) {',
    'are opened for the own pages alone',
  ),
  onReturn(
    'a kept form is opened for whoever signs in next',
    'handlers/oidc-return',
    'person && person.since < form.posted',
    'true',
    'no other person',
  ),
  onReturn(
    'a browser that forgot who was there may open a kept form',
    'handlers/oidc-return',
    '!(person && person.since < form.posted)',
    'person && person.since >= form.posted',
    'no other person',
  ),
  onReturn(
    'the address of a form is HTML',
    'browser/script-page',
    'escapeHtml(all[name] as string)',
    'all[name]',
    'A15',
  ),
  onReturn(
    'the page of a kept form runs any script',
    'browser/script-page',
    "script-src 'nonce-${nonce}'",
    "script-src 'unsafe-inline'",
    'A15',
  ),
  onReturn(
    'the person cookie reaches the application',
    'browser/gate-cookies',
    '|person$',
    '',
    'told to no other page',
  ),
  onReturn(
    'the person cookie goes along with each request',
    'browser/cookies',
    'Path=${path}',
    'Path=/',
    'told to no other page',
  ),
];
