// The variables that a configuration for NGINX Plus declares for these handlers; nothing else may be written.

export interface PlusVariables {
  /** `keyval $cookie_auth_token ...`: the session of the request's cookie. */
  session_jwt?: string;
  access_token?: string;
  refresh_token?: string;
  /** `keyval $request_id ...`: the same zones under the key in $request_id. */
  request_id: string;
  new_session?: string;
  new_access_token?: string;
  new_refresh?: string;
  /** `keyval $idp_sid $client_sid`. */
  idp_sid?: string;
  client_sid?: string;
  /** `keyval $pkce_id $pkce_code_verifier`, the zone that lives for a minute or two. */
  pkce_id?: string;
  pkce_code_verifier?: string;

  cookie_auth_token?: string;
  redirect_base?: string;
  redir_location?: string;
  oidc_cookie_flags?: string;
  oidc_log_format?: string;
  zone_sync_leeway?: string;
  /** Unknown to configurations that build the token request themselves. */
  oidc_client_auth_method?: string;
  jwt_audience?: string;
}

export function plusVariables(r: NginxHTTPRequest): PlusVariables {
  return r.variables as unknown as PlusVariables;
}
