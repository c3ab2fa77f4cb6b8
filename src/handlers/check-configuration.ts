// location = /_oidc_check: what the module sees, for the operator. The location admits 127.0.0.1 only.

import { checkAccessTokens } from '../check/access-tokens';
import { checkClaims } from '../check/claims';
import { checkDecryption } from '../check/decryption';
import type { Finding } from '../check/finding';
import { checkGate } from '../check/gate';
import { checkMetrics } from '../check/metrics';
import { checkPages } from '../check/pages';
import { checkProvider } from '../check/provider';
import { checkProviders, checkServerSet, providersToCheck } from '../check/providers';
import { checkRelaxations } from '../check/relaxations';
import { reportJson, reportText } from '../check/report';
import { checkResource } from '../check/resource';
import { checkRules } from '../check/rules';
import { checkSecrets } from '../check/secrets';
import { checkSettings } from '../check/settings';
import { checkHeaders, checkSite, checkZones } from '../check/site';
import { checkStore } from '../check/store';
import { variableOf } from '../nginx/variable';
import { useProvider } from '../visit/providers';

/**
 * 200 and a report without secrets, as text, or as JSON for `?format=json` and `Accept: application/json`; 503 when
 * something keeps people from signing in. Of several providers it looks at all, or at the one of `?provider=`.
 */
export async function checkConfiguration(r: NginxHTTPRequest): Promise<void> {
  let all: Finding[] = checkZones().concat(
    checkRules(r),
    checkHeaders(r),
    checkMetrics(),
    checkPages(r),
    checkProviders(r),
    await checkServerSet(r),
    await checkStore(r),
    await checkGate(r),
  );
  for (const provider of providersToCheck(r)) {
    all = (await checkOne(r, provider)).concat(all);
  }
  const asJson = r.variables.arg_format === 'json' || /^application\/json\b/.test(r.variables.http_accept || '');
  r.headersOut['Content-Type'] = asJson ? 'application/json' : 'text/plain; charset=utf-8';
  r.headersOut['Cache-Control'] = 'no-store';
  r.return(all.some(({ state }) => state === 'problem') ? 503 : 200, asJson ? reportJson(all) : reportText(all));
}

/** @param provider which of several; undefined where the site has one */
async function checkOne(r: NginxHTTPRequest, provider: string | undefined): Promise<Finding[]> {
  if (provider !== undefined) {
    useProvider(r, provider);
  }
  const { findings, config } = checkSettings(variableOf(r));
  const all = config
    ? findings.concat(
        checkSite(r),
        checkSecrets(config),
        checkRelaxations(config),
        checkClaims(config),
        checkAccessTokens(config),
        checkDecryption(config),
        await checkResource(r, config),
        await checkProvider(r, config),
      )
    : findings;
  return provider === undefined ? all : all.map((one) => ({ ...one, about: `${provider}: ${one.about}` }));
}
