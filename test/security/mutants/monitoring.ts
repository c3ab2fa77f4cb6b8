// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import { type Mutant, onNginx, unit } from './mutant';

const audit = (name: string, text: string, replacement: string, pattern: string) =>
  unit(`audit log: ${name}`, 'nginx/audit', text, replacement, 'nginx/audit', pattern);
const metrics = (name: string, file: string, text: string, replacement: string, pattern: string) =>
  onNginx(`metrics: ${name}`, file, text, replacement, 'integration/oidc-metrics', pattern);
const line = (name: string, file: string, text: string, replacement: string, pattern: string) =>
  onNginx(`audit log: ${name}`, file, text, replacement, 'integration/audit-log', pattern);

export const monitoring: Mutant[] = [
  audit('the key of a session in the store', 'session: session && ofSession(session)', 'session', 'has no key in it'),
  audit('sessions that ended by their keys in the store', '.map(ofSession)', '', 'has no key in it'),
  audit(
    'a hash of people without the key',
    "createHmac('sha256', hmacKey)",
    "createHmac('sha256', 'x')",
    'keyed hashes',
  ),
  audit('one person is the same at every issuer', '\\n${iss}\\n${sub}', '\\n${sub}', 'issuer to issuer'),
  audit('names people unasked', "subject === 'clear' && sub", 'sub', 'names people and sessions'),
  audit('the second event takes the place of the first', '`${before}\\n${line}`', 'line', 'stands beside'),
  line(
    'no line for a denial',
    'steps/location-demands',
    'noteDenial(r, ',
    'void (session, r, ',
    'a denial and a sign-out',
  ),
  line(
    'no line for a renewal that ended a session',
    'steps/renew-session',
    'ended ? { session: session.key, person } : undefined',
    'undefined',
    'a renewal that ended',
  ),
  line(
    'no line for a refused callback',
    'handlers/code-exchange',
    '    noteRefusedCallback(r, error);\n',
    '',
    'what was refused',
  ),
  metrics(
    'browsers may ask',
    'handlers/oidc-metrics',
    'if (r.variables.http_sec_fetch_site || r.variables.http_origin) {',
    'if (false) {',
    'refuses browsers',
  ),
  metrics(
    'a worker overwrites the count of another',
    'nginx/metrics',
    'metrics()?.incr(entry, amount, 0);',
    '(metrics() as never as Map<string, number>).set(entry, amount);',
    'over all workers',
  ),
  unit(
    'error.log: JSON that NGINX cuts',
    'nginx/log',
    "Buffer.byteLength(line) > mostBytes && said.message !== '...'",
    'false',
    'nginx/log',
    'is whole JSON',
  ),
];
