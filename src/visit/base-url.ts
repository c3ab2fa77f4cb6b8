import type { Config } from '../config/settings';
import { oidcError } from '../protocol/errors';
import { printable } from '../protocol/text';

/**
 * Nothing that a client says about host or scheme is believed, except a Host that the configuration knows:
 * in `$oidc_hosts`, or the server's own name; any Host where the server has no name.
 */
export function baseUrlOf(r: NginxHTTPRequest, config: Config): string {
  if (config.base_url !== '') {
    return config.base_url.replace(/\/+$/, '');
  }
  const host = r.variables.host || '';
  const name = r.variables.server_name || '';
  const named = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(name) ? [name] : [];
  const allowed = config.hosts.length > 0 ? config.hosts : named;
  if (allowed.length > 0 && allowed.indexOf(host) < 0) {
    throw oidcError(
      'host_not_allowed',
      `Host ${printable(host, 100)} is neither server_name nor in $oidc_hosts: add it there, or set $oidc_base_url`,
    );
  }
  return `${r.variables.scheme}://${host}:${r.variables.server_port}`;
}
