import type { Config } from '../config/settings';
import { type Finding, finding } from './finding';

const boundTo: Record<Config['bearer_bound'], string> = {
  off: 'bound or not',
  any: 'bound to a key or certificate',
  dpop: 'bound to a key',
  mtls: 'bound to a certificate',
};

/** What access tokens need, where the server says that it takes some; a location may say so as well, which nobody sees here. */
export function checkAccessTokens(config: Config): Finding[] {
  const { bearer_audience, bearer_typ, bearer_bound } = config;
  if (bearer_audience.length === 0) {
    return [
      finding(
        'info',
        'access tokens',
        'accepted by no location, or by those that set $oidc_bearer_audience themselves',
      ),
    ];
  }
  const findings = [
    finding('ok', 'access tokens', `for ${bearer_audience.join(' or ')}, type ${bearer_typ}, ${boundTo[bearer_bound]}`),
  ];
  if (!ngx.shared?.oidc_tokens) {
    const remedy = 'add "js_shared_dict_zone zone=oidc_tokens:4m timeout=1h;"';
    findings.push(finding('problem', 'zone oidc_tokens', 'missing', remedy));
  }
  return findings;
}

/**
 * Whether the provider can be asked about tokens, where that is set.
 * @param offered the endpoint of its metadata
 */
export function checkIntrospection(config: Config, offered: string | undefined): Finding[] {
  const { introspection, introspection_endpoint } = config;
  const remedy = 'set $oidc_introspection_endpoint, or $oidc_introspection off';
  return introspection === 'off' || introspection_endpoint !== '' || offered !== undefined
    ? []
    : [finding('problem', 'introspection', `${introspection}, but the provider names no endpoint for it`, remedy)];
}
