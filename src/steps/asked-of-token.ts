import { oidcError } from '../protocol/errors';

/** What may differ from location to location, in the order in which `$oidc_asked` has it. */
const names = [
  'oidc_bearer_audience',
  'oidc_require_scope',
  'oidc_bearer_typ',
  'oidc_id_token_algs',
  'oidc_introspection',
  'oidc_introspection_ttl',
  'oidc_resource',
  'oidc_tenants',
  'oidc_bearer_bound',
  'oidc_profile',
  'oidc_require',
  'oidc_acr_values',
  'oidc_max_age',
];

/**
 * The variables as the location sees them. NGINX carries out the `set` lines of server {} once more for the gate's
 * question, and those of the location not; so openid_connect.server_conf notes their values before.
 * @throws config_invalid where a value has a tab
 */
export function locationSettings(r: NginxHTTPRequest): (name: string) => string | undefined {
  const values = (r.variables.oidc_asked || '').split('\t');
  if (values.length !== names.length + 1 || values[names.length] !== '.') {
    throw oidcError(
      'config_invalid',
      `a setting of access tokens has a tab: ${names.map((name) => `$${name}`).join(', ')}`,
    );
  }
  return (name) => {
    const at = names.indexOf(name);
    return at < 0 ? r.variables[name] : values[at];
  };
}
