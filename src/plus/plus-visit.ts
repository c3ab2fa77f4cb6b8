import { readConfig } from '../config/config';
import { issuerByHand } from '../config/issuer';
import type { Config } from '../config/settings';
import { variableOf } from '../nginx/variable';
import { isMutualTls } from '../protocol/client-authentication';
import type { ProviderMetadata } from '../protocol/discovery';
import { oidcError } from '../protocol/errors';
import { createVisit, type Visit } from '../visit/visit';
import { plusVariables } from './variables';

/** A request under a configuration for NGINX Plus, whose endpoints are set by hand. Throws config_invalid. */
export interface PlusVisit extends Visit {
  readonly metadata: ProviderMetadata;
  /** Adds the session cookie, with the flags of the configuration; '' deletes it. */
  setSessionCookie(id: string): void;
}

export function createPlusVisit(r: NginxHTTPRequest): PlusVisit {
  const v = plusVariables(r);
  for (const name of ['providers', 'tenants', 'cookie_name', 'cookie_domain']) {
    if (r.variables[`oidc_${name}`]) {
      throw oidcError('config_invalid', `$oidc_${name} needs the files for open-source NGINX, which run here, too`);
    }
  }
  const read = readConfig(variableOf(r));
  for (const name of ['providers', 'tenants', 'profile', 'par', 'signed_request', 'response_mode'] as const) {
    if (read[name].length > 0 && read[name] !== 'off') {
      throw oidcError('config_invalid', `$oidc_${name} needs the files for open-source NGINX, which run here, too`);
    }
  }
  if (read.dpop) {
    throw oidcError(
      'config_invalid',
      '$oidc_dpop is not done with keyval zones, which cannot keep a key sealed: use the files for open-source NGINX',
    );
  }
  const baseUrl = (read.base_url || v.redirect_base || '').replace(/\/+$/, '');
  if (!/^https?:\/\/[^\s/]+$/.test(baseUrl)) {
    throw oidcError('config_invalid', '$redirect_base is not scheme://host:port, and $oidc_base_url is not set');
  }
  const config: Config = {
    ...read,
    ...authenticationOf(read),
    redirect_uri: read.redirect_uri || baseUrl + (v.redir_location || '/_codexch'),
  };
  const visit = createVisit(r, config, baseUrl);
  const flags = (v.oidc_cookie_flags || 'Path=/; SameSite=Lax; HttpOnly;').replace(/[\s;]+$/, '');
  return {
    ...visit,
    metadata: metadataOf(config),
    setSessionCookie: (id) => visit.addCookieLine(`auth_token=${id}; ${flags}${id === '' ? '; Max-Age=0' : ''}`, true),
  };
}

/** The value in the original's template: it is nobody's secret. */
const leftOver = 'my-client-secret';

/** With PKCE the original sent no secret, whatever these said: a client without one is a public client. */
function authenticationOf(read: Config): Partial<Config> {
  const hasKey = read.client_keyfile.length > 0 || isMutualTls(read.client_auth_method);
  const isPublic = !hasKey && read.pkce_enable && (read.client_secret === '' || read.client_secret === leftOver);
  return isPublic ? { client_secret: '', client_auth_method: 'none' } : {};
}

function metadataOf(config: Config): ProviderMetadata {
  const { authz_endpoint, token_endpoint, jwt_keyfile, end_session_endpoint } = config;
  if (!authz_endpoint || !token_endpoint || !jwt_keyfile) {
    throw oidcError('config_invalid', 'set $oidc_authz_endpoint, $oidc_token_endpoint and $oidc_jwt_keyfile');
  }
  const metadata = {
    issuer: issuerByHand(config),
    authorization_endpoint: authz_endpoint,
    token_endpoint,
    jwks_uri: jwt_keyfile,
  };
  return end_session_endpoint ? { ...metadata, end_session_endpoint } : metadata;
}
