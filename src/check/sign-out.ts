import type { Config } from '../config/settings';
import type { ProviderMetadata } from '../protocol/discovery';
import { logoutStyleOf } from '../protocol/logout-request';
import { type Finding, finding } from './finding';

/**
 * Where a sign-out leads, and how the provider can sign people out here.
 * @param site scheme://host:port
 */
export function checkSignOut(site: string, config: Config, metadata: Partial<ProviderMetadata>): Finding[] {
  const endpoint = config.end_session_endpoint || metadata.end_session_endpoint;
  const style = config.logout_style || logoutStyleOf(metadata.issuer || config.issuer);
  const findings = [
    endpoint
      ? finding('ok', 'sign-out', `${endpoint}, style ${style}`)
      : finding(
          'warning',
          'sign-out',
          'ends the session here only: the provider names no endpoint, and signs the person in again unasked',
          'set $oidc_end_session_endpoint if it has one',
        ),
  ];
  for (const channel of ['back', 'front'] as const) {
    if (metadata[`${channel}channel_logout_supported`]) {
      findings.push(
        finding(
          'info',
          `${channel}-channel logout`,
          `${site}/${channel}_channel_logout${config.provider && `/${config.provider}`}`,
          `the provider can sign people out here: register this address, with ${channel}channel_logout_session_required`,
        ),
      );
    }
  }
  return findings;
}
