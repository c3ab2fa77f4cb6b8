import type { Config } from '../config/settings';
import type { ProviderMetadata } from '../protocol/discovery';
import { isOidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import { introspect } from '../provider/introspection';
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

/** Whether the provider can be asked about tokens, where that is set: it is asked about one that it never gave out. */
export async function checkIntrospection(
  r: NginxHTTPRequest,
  config: Config,
  metadata: ProviderMetadata,
): Promise<Finding[]> {
  const { introspection, introspection_endpoint } = config;
  if (introspection === 'off') {
    return [];
  }
  const endpoint = introspection_endpoint || metadata.introspection_endpoint;
  const about = 'introspection';
  if (!endpoint) {
    const remedy = 'set $oidc_introspection_endpoint, or $oidc_introspection off';
    return [finding('problem', about, `${introspection}, but the provider names no endpoint for it`, remedy)];
  }
  try {
    await introspect({ r, config }, { ...metadata, introspection_endpoint: endpoint }, probe);
    return [finding('ok', about, `${introspection}: ${endpoint} answers this client`)];
  } catch (error) {
    const detail = isOidcError(error) ? `${error.code}: ${error.detail}` : printable(String(error), 300);
    const remedy = 'is this client allowed to ask there, with this secret?';
    return [finding('problem', about, detail, remedy)];
  }
}

/** No token of anybody's. */
const probe = 'probe-of-the-configuration-check';
