import type { Config } from '../config/settings';
import { type Finding, finding } from './finding';

/** What this site does without, that it would have by default: SECURITY.md says what each costs. */
export function checkRelaxations(config: Config): Finding[] {
  const about = 'relaxation';
  const findings: Finding[] = [];
  if (config.insecure_http_provider) {
    const value = '$oidc_insecure_http_provider: whoever is between here and the provider can sign in as anybody';
    findings.push(finding('warning', about, value, 'for tests on one machine only: remove it, and use https'));
  }
  if (config.cookie_same_site === 'None') {
    const value = '$oidc_cookie_same_site None: other sites can send requests with the session';
    findings.push(finding('info', about, value, 'the application must refuse what it does not want of them'));
  }
  if (config.keep_signed_in !== 'off') {
    const days = Math.round(config.keep_signed_in_timeout / 86400);
    const value = `$oidc_keep_signed_in ${config.keep_signed_in}: whoever has the device is signed in for ${days} days`;
    findings.push(finding('info', about, value));
  }
  if (!config.pkce_enable) {
    const value = '$oidc_pkce_enable 0: codes that leak are guarded by the client secret alone';
    findings.push(finding('warning', about, value, 'remove it: providers that do not know PKCE ignore it'));
  }
  return findings;
}
