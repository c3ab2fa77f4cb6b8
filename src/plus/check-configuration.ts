// location = /_oidc_check: what the module sees, for the operator. The location admits 127.0.0.1 only.

import { checkClientAuthentication } from '../check/client-authentication';
import { checkDecryption } from '../check/decryption';
import { type Finding, finding } from '../check/finding';
import { describeKeys } from '../check/keys';
import { checkRelaxations } from '../check/relaxations';
import { reportJson, reportText } from '../check/report';
import { checkSecrets } from '../check/secrets';
import { checkSettings } from '../check/settings';
import { checkSignOut } from '../check/sign-out';
import { isOidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import { createPlusVisit, type PlusVisit } from './plus-visit';
import { keysOf } from './provider';
import { plusVariables } from './variables';

/** As on open-source NGINX, with what the keyval zones and `auth_jwt` need in the place of the gate and the shared zones. */
export async function checkConfiguration(r: NginxHTTPRequest): Promise<void> {
  const { findings } = checkSettings((name) => r.variables[name]);
  const single = findings.filter(({ about }) => about.startsWith('$')); // several together: as this edition reads them
  const all = single.concat(await checkVisit(r), checkVariables(r));
  const asJson = r.variables.arg_format === 'json' || /^application\/json\b/.test(r.variables.http_accept || '');
  r.headersOut['Content-Type'] = asJson ? 'application/json' : 'text/plain; charset=utf-8';
  r.headersOut['Cache-Control'] = 'no-store';
  r.return(all.some(({ state }) => state === 'problem') ? 503 : 200, asJson ? reportJson(all) : reportText(all));
}

async function checkVisit(r: NginxHTTPRequest): Promise<Finding[]> {
  let visit: PlusVisit;
  try {
    visit = createPlusVisit(r);
  } catch (error) {
    return [finding('problem', 'configuration', textOf(error))];
  }
  const { config, metadata, baseUrl } = visit;
  return [
    finding('info', 'redirect URI', config.redirect_uri, 'to register at the provider, letter for letter'),
    finding('info', 'issuer', metadata.issuer, 'the "iss" of its ID tokens'),
    checkFlags(r, visit),
    await checkClientAuthentication(config),
  ].concat(
    checkSecrets(config),
    checkRelaxations(config),
    checkDecryption(config),
    checkSignOut(baseUrl, config, metadata),
    await checkKeys(visit),
  );
}

/** Through the location and the cache that auth_jwt uses. */
async function checkKeys(visit: PlusVisit): Promise<Finding[]> {
  try {
    return describeKeys(await keysOf(visit), visit.metadata.jwks_uri, visit.config);
  } catch (error) {
    const remedy = 'is $oidc_jwt_keyfile right? The lines in error.log say what NGINX met';
    return [finding('problem', 'keys', textOf(error), remedy)];
  }
}

function checkFlags(r: NginxHTTPRequest, { secure }: PlusVisit): Finding {
  const flags = plusVariables(r).oidc_cookie_flags || '';
  return secure && !/;\s*secure\b/i.test(`;${flags}`)
    ? finding(
        'warning',
        'cookies',
        printable(flags, 200),
        'add "Secure;" to $oidc_cookie_flags: the site is reached by https',
      )
    : finding('ok', 'cookies', printable(flags, 200) || 'Path=/; SameSite=Lax; HttpOnly (default)');
}

/** What newer files of this edition declare, and older ones do not. */
function checkVariables(r: NginxHTTPRequest): Finding[] {
  const { idp_sid, oidc_client_auth_method, zone_sync_leeway } = plusVariables(r);
  const findings: Finding[] = [];
  if (idp_sid === undefined) {
    const remedy = 'take the keyval lines and "set $idp_sid" of the shipped files';
    findings.push(
      finding('warning', 'sign-out by the provider', 'there is no $idp_sid: it cannot end sessions', remedy),
    );
  }
  if (oidc_client_auth_method === undefined) {
    findings.push(
      finding('info', 'token request', 'built by /_token of an older configuration, with the secret in it'),
    );
  }
  const leeway = Number(zone_sync_leeway) || 0;
  return findings.concat(finding('info', 'cluster', leeway > 0 ? `waits ${leeway} ms for zone_sync` : 'one node'));
}

const textOf = (error: unknown) => (isOidcError(error) ? error.detail : printable(String(error), 300));
