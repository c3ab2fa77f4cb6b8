import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const text = readFileSync(new URL('../../../docs/migrating.md', import.meta.url), 'utf8');
const firstCells = text
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|')[1] ?? '')
  .join('\n');

// What configuration files for the reference implementation of R33 to R36 name.
const names = {
  variables:
    '$oidc_authz_endpoint $oidc_authz_extra_args $oidc_token_endpoint $oidc_jwt_keyfile $oidc_end_session_endpoint ' +
    '$oidc_userinfo_endpoint $oidc_client $oidc_pkce_enable $oidc_client_secret $oidc_client_auth_method $oidc_scopes ' +
    '$oidc_logout_redirect $oidc_hmac_key $zone_sync_leeway $oidc_cookie_flags $oidc_debug $oidc_log_format ' +
    '$redirect_base $proto $redir_location $session_jwt $access_token $refresh_token $new_session $new_access_token ' +
    '$new_refresh $pkce_id $pkce_code_verifier $idp_sid $client_sid $jwt_audience $jwt_claim_* $internal_error_message ' +
    '$cookie_auth_nonce $cookie_auth_redir',
  locations:
    '@do_oidc_flow /_codexch /_token /_refresh /_jwks_uri /_token_validation /logout /_logout /front_channel_logout ' +
    '@oidc_error /api/',
  zones: 'oidc_id_tokens oidc_access_tokens refresh_tokens oidc_sids oidc_pkce jwk',
  cookies: 'auth_token auth_nonce auth_redir',
};

it.each(Object.entries(names).flatMap(([kind, list]) => list.split(' ').map((name) => [kind, name] as const)))(
  'docs/migrating.md has a row for %s: %s',
  (_kind, name) => {
    expect(firstCells).toContain(`\`${name}\``);
  },
);

it.each(['auth', 'codeExchange', 'logout', 'handleFrontChannelLogout', 'extractTokenClaims'])(
  'docs/migrating.md has a row for the handler %s',
  (name) => {
    expect(text).toMatch(new RegExp(`^\\|[^|]*\\| \`${name}\` \\|`, 'm'));
  },
);
