import { parseParameters } from '../protocol/parameters';
import { readRule } from '../protocol/rule';
import { printable } from '../protocol/text';
import { type Finding, finding } from './finding';

/** Rules as far as they can be seen from here: those of a location stand in the location. `?require=` tries one. */
export function checkRules(r: NginxHTTPRequest): Finding[] {
  const { oidc_demands } = r.variables;
  const findings: Finding[] = [];
  if (oidc_demands === undefined) {
    const remedy =
      'rules of locations answer 500: take the openid_connect.server_conf that came with openid_connect.js';
    findings.push(finding('problem', 'rules', 'openid_connect.server_conf is older than openid_connect.js', remedy));
  } else if (/[^\t]/.test(oidc_demands)) {
    const remedy =
      'unless a map makes it: put the include above `set $oidc_require` and its like, or those of locations do not count';
    findings.push(finding('warning', 'rules', `before the include: ${shown(oidc_demands)}`, remedy));
  }
  const tried = parseParameters(r.variables.args || '')?.require;
  return tried === undefined ? findings : findings.concat(checkRule(tried));
}

function checkRule(text: string): Finding {
  try {
    readRule(text);
    return finding('ok', 'rule', shown(text));
  } catch (error) {
    return finding('problem', 'rule', shown(text), (error as Error).message);
  }
}

const shown = (text: string) => printable(text.trim(), 300);
