import { readFileSync } from 'node:fs';
import { keyvalLines } from './keyval';

/** What only NGINX Plus knows, and how stock NGINX says it with stand-in.js. Nothing else of a file changes. */
const rules: [directive: RegExp, stock: string][] = [
  [/^keyval_zone zone=(\w+):(\w+)(?: state=(\S+))?(?: timeout=(\w+))?( sync)?$/, ''],
  [/^keyval \$(\w+) \$(\w+) zone=\w+$/, 'js_set $$$2 standin.keyval_$2 nocache;map $$$1 $$indexed_$2 { default ""; }'],
  [/^auth_jwt_claim_set \$(\w+) (\w+)$/, 'js_set $$$1 standin.claim_$2 nocache;'],
  [/^js_import oidc from \S+$/, 'js_path conf.d;js_import standin from stand-in.js;'],
  [/^js_content oidc\.(\w+)$/, 'js_content standin.$1;'],
  [/^auth_jwt "" token=\$session_jwt$/, 'auth_request /_auth_jwt;'],
  [/^auth_jwt "" token=\$arg_token$/, ''],
  [/^auth_jwt_key_(?:request|file) \S+$/, ''],
  [/^api write=on$/, 'js_content standin.api;'],
  [/^status_zone (?:"[^"]*"|\S+)$/, ''],
];

/** Directive names that stock NGINX refuses. */
const plusOnly = /^(?:auth_jwt\w*|keyval\w*|api|status_zone|zone_sync\w*)$/;

/**
 * A configuration for NGINX Plus as one for stock NGINX, directive by directive; comments and all else stay.
 * Throws an Error on a Plus directive whose arguments no rule knows: a typing error, or a rule that is missing.
 */
export function stockConfiguration(conf: string): string {
  return conf.replace(/(?<=^|[{;])([ \t]*)([a-z_]+)([ \t][^;{}#\n]*);/gm, (line, indent, name, rest) => {
    const directive = `${name}${rest}`.replace(/\s+/g, ' ');
    if (name === 'keyval_zone') return indent + zoneLine(directive);
    const rule = rules.find(([pattern]) => pattern.test(directive));
    if (rule) return indent + directive.replace(rule[0], rule[1]);
    if (plusOnly.test(name)) throw new Error(`no rule for "${directive};"`);
    return line;
  });
}

function zoneLine(directive: string): string {
  const [, name, size, state, timeout] = rules[0]?.[0].exec(directive) ?? [];
  if (!name) throw new Error(`no rule for "${directive};"`);
  return `js_shared_dict_zone zone=${name}:${size} timeout=${timeout ?? '1h'}${state ? ` state=${state}` : ''};`;
}

/** What the translated files need beside them. */
export function standInFiles(configuration: string): Record<string, string> {
  return {
    'conf.d/stand-in.js': readFileSync(new URL('./stand-in.js', import.meta.url), 'utf8'),
    'conf.d/keyvals.js': `export default ${JSON.stringify(keyvalLines(configuration))};\n`,
  };
}

/** For http{}: `auth_jwt` sets these by itself. */
export const claimVariables = ['sub', 'iss', 'iat', 'nonce', 'sid']
  .map((claim) => `js_set $jwt_claim_${claim} standin.claim_${claim} nocache;`)
  .join('\n');

/** For server{}. */
export const authJwtLocation = 'location = /_auth_jwt { internal; js_content standin.authJwt; }';
