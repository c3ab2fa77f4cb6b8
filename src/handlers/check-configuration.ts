// location = /_oidc_check: what the module sees, for the operator. The location admits 127.0.0.1 only.

import { checkClaims } from '../check/claims';
import { checkDecryption } from '../check/decryption';
import type { Finding } from '../check/finding';
import { checkProvider } from '../check/provider';
import { reportJson, reportText } from '../check/report';
import { checkSettings } from '../check/settings';
import { checkHeaders, checkSite, checkZones } from '../check/site';

/**
 * 200 and a report without secrets, as text, or as JSON for `?format=json` and `Accept: application/json`; 503 when
 * something keeps people from signing in.
 */
export async function checkConfiguration(r: NginxHTTPRequest): Promise<void> {
  const { findings, config } = checkSettings((name) => r.variables[name]);
  let all: Finding[] = findings.concat(checkZones(), checkHeaders(r));
  if (config) {
    all = all.concat(checkSite(r), checkClaims(config), checkDecryption(config), await checkProvider(r, config));
  }
  const asJson = r.variables.arg_format === 'json' || /^application\/json\b/.test(r.variables.http_accept || '');
  r.headersOut['Content-Type'] = asJson ? 'application/json' : 'text/plain; charset=utf-8';
  r.headersOut['Cache-Control'] = 'no-store';
  r.return(all.some(({ state }) => state === 'problem') ? 503 : 200, asJson ? reportJson(all) : reportText(all));
}
