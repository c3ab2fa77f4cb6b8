// What docs/troubleshooting.md says of each code that stands in error.log: a code without a line here is no code.

import type { WarningCode } from '../../src/nginx/log';
import { type ErrorCode, errorTable } from '../../src/protocol/errors';

type Told = readonly [meaning: string, lookAt: string];

const errors: Record<ErrorCode, Told> = {
  config_invalid: ['A setting is missing or wrong; the line names it', '`frontend.conf`'],
  host_not_allowed: ['The `Host` is neither `server_name` nor in `$oidc_hosts`', 'those, or `$oidc_base_url`'],
  discovery_failed: ['The metadata did not come with status 200', '`$oidc_issuer`'],
  discovery_invalid: [
    'The metadata is no metadata, or is of another issuer',
    '`$oidc_issuer`, slash at the end included',
  ],
  jwks_failed: ['The keys could not be fetched or read', "`$oidc_jwt_keyfile`; the file's permissions"],
  jwks_invalid: ["What came is no JWK set, or a file's keys are too short", '`$oidc_jwt_keyfile`'],
  provider_unreachable: ['No answer, or 5xx', '[502 and 504](#502-and-504-pages)'],
  provider_timeout: ['No answer in `$oidc_provider_timeout` seconds', 'the network, the provider'],
  provider_error: ['The provider sent the person back with an error, which the page shows', "the provider's own log"],
  callback_invalid: [
    '`/_codexch` was called with parameters missing or doubled',
    "opened by hand? With `what came back says ...`: the provider's error, without its `state`",
  ],
  login_expired: [
    'No sign-in of this browser belongs to what came back',
    "bookmark of the sign-in page, another browser, cookies blocked, older than `$oidc_login_timeout`; with `what came back says ...`: the provider's error, whose `state` it changed; with `what asks for a signed request ...`: the provider fetched `/_oidc_request` too late, or from a site with another `$oidc_hmac_key`",
  ],
  issuer_mismatch: ['Another provider answered than was asked', '`$oidc_issuer`'],
  pushed_request_failed: [
    'The provider refused a pushed authorization request',
    'what it says: the redirect URI, the scopes, or the client: [client authentication](#the-token-endpoint-refuses-the-client)',
  ],
  response_invalid: [
    'The signed answer of the provider (JARM) does not hold',
    'what the line names: signature, issuer, audience, expiry, the clock',
  ],
  token_request_failed: [
    'The token endpoint refused: `invalid_client`, `unauthorized_client` or `invalid_grant`',
    'client, secret, `$oidc_client_auth_method`: [client authentication](#the-token-endpoint-refuses-the-client); a code used twice',
  ],
  token_response_invalid: ['The answer holds no tokens', "`openid` among the scopes? a proxy's page in between?"],
  id_token_invalid: ['A claim is not what it must be; the line names it', 'issuer, client id, clocks'],
  id_token_signature: [
    'The signature does not hold, not even by keys fetched anew',
    'the key set is of this provider?',
  ],
  id_token_algorithm: [
    'Signed by an algorithm that is not accepted',
    '`$oidc_id_token_algs`; for [EdDSA](eddsa.md) a line in `frontend.conf`, or RS256 or ES256 at the provider',
  ],
  unknown_key: [
    'Signed by a key that is not in the set, not even after fetching it anew',
    '`$oidc_jwt_keyfile`; a file that is out of date; the provider publishes a key only after it signs with it. *Fetched a moment ago*: three times in 30 seconds is the limit, and the line says when the next one is',
  ],
  decryption_failed: [
    'A token is encrypted to a key that is not in `$oidc_decryption_keyfile`, or was changed on the way',
    '[encrypted tokens](encrypted-tokens.md)',
  ],
  userinfo_failed: ['UserInfo did not answer with claims', '`$oidc_userinfo_endpoint`'],
  userinfo_invalid: [
    'UserInfo speaks of another person, or is a JWT that does not hold',
    "the provider's client settings",
  ],
  refresh_rejected: [
    'The provider renews this session no more',
    '[signed out too early](#signed-out-too-early-or-not-at-all)',
  ],
  access_token_expired: [
    'The access token has ended, could not be renewed, and `$oidc_expired_access_token` is `refuse`',
    'the lines before it: why the renewal failed',
  ],
  gate_unavailable: [
    "The gate's own server did not answer: another address in `upstream oidc_gate` than its `listen`, no `worker_connections` left, or something else listens there",
    'The last lines of `frontend.conf`; `worker_connections`: three for each request under way, and 64 more',
  ],
  store_failed: ['A zone is missing or full', '`js_shared_dict_zone` in `frontend.conf`'],
  store_unreachable: [
    'The store of several machines does not answer, or is no primary',
    'is it up? [Connect the store](many-machines.md#connect-the-store)',
  ],
  store_refused: [
    'It refuses user, password or a command',
    '`openid_connect.store_location`; its [access rules](many-machines.md#a-user-with-the-rights-that-are-needed)',
  ],
  store_full: ['It has no memory left', 'its `maxmemory`'],
  login_loop: ['Five sign-ins in a minute led nowhere', '[in circles](#the-browser-goes-round-in-circles)'],
  login_invalid: [
    '`/_oidc_login` was called with another `iss`, or with a target that is no path of this site',
    'the link; `$oidc_base_url` where a whole URL is refused',
  ],
  provider_unknown: [
    'An address without the name of a provider, or with one that `$oidc_providers` does not list',
    'of [several providers](several-providers.md) each has addresses of its own: register `/_codexch/NAME`',
  ],
  tenant_not_allowed: [
    'Somebody of a tenant that `$oidc_tenants` does not list; the line has its `tid`',
    '`$oidc_tenants`: add it, or leave it out on purpose',
  ],
  form_not_kept: [
    'A form was sent without a session, and could not be kept during the sign-in',
    'the line says why: `$oidc_keep_post`, its type, or no page of this site sent it ([forms and scripts](forms-and-scripts.md)); behind a load balancer, `$oidc_base_url`',
  ],
  form_not_sent: [
    'A form that was kept is not given out',
    'the line says why: somebody else signed in, it was sent before, or is older than `$oidc_login_timeout`',
  ],
  logout_invalid: [
    '`/front_channel_logout` was called without `sid`, with a parameter doubled, or with another `iss`; or the token at `/back_channel_logout` does not hold: the line names the claim',
    '`$oidc_issuer`, clocks; [how to register them](sign-out.md#the-provider-signs-somebody-out)',
  ],
  logout_incomplete: [
    'A person wanted to sign out everywhere, and was signed out in one browser',
    'nobody was signed in there? `$oidc_hmac_key` changed? the line above',
  ],
  bearer_request_invalid: [
    'The Authorization header is not one Bearer token, or the token is in the address',
    'the program that sends it',
  ],
  bearer_token_invalid: [
    'An access token does not hold; the line says which claim, or what else',
    '[what a token must be](apis.md#what-a-token-must-be); `$oidc_bearer_audience`, `$oidc_bearer_typ`, `$oidc_introspection`; `it is not bound ...`: `$oidc_bearer_bound`, `$oidc_profile`',
  ],
  dpop_proof_invalid: [
    'An access token came without a DPoP proof that holds: the line says what is wrong',
    "the program's clock; `$oidc_base_url` behind a balancer: [proof of possession](proof-of-possession.md#access-tokens-of-programs)",
  ],
  dpop_nonce_required: [
    'The proof has no nonce of this site (`$oidc_bearer_dpop_nonce`); programs try again with the one of `DPoP-Nonce`',
    'a program that does not',
  ],
  bearer_scope_missing: [
    'An access token lacks a scope of `$oidc_require_scope`',
    'what the program asks the provider for',
  ],
  introspection_failed: [
    'The provider did not say whether a token is active',
    'may this client introspect? `$oidc_client_auth_method`, `$oidc_introspection_endpoint`',
  ],
  not_allowed: [
    'The person is signed in and does not meet `$oidc_require`; the line names the rule, and claims that the person does not have at all',
    "the rule, the person's groups at the provider; claims are those of the last sign-in or renewal",
  ],
  step_up_required: [
    'A script asks for a location whose `$oidc_acr_values` or `$oidc_max_age` the sign-in does not meet (`acr` or `auth_time` says which); a page goes to the provider instead',
    'send the person to the page',
  ],
  step_up_failed: [
    'The person came back from the provider, and the ID token still does not have the `acr`, or the recent `auth_time`, that the location demands',
    'the values that the provider knows; whether its client has to be set up to send `acr` and `auth_time`',
  ],
  registration_failed: [
    '`/_oidc_register`: the provider did not register this site, or its answer is none',
    'what it says; [registering the site by a command](registration.md)',
  ],
  internal: ['A mistake in the module', 'please report the log line'],
};

const warnings: Record<WarningCode, Told> = {
  claim_left_out: [
    'A claim cannot be handed on whole, and its variable is empty; the line has the claim, its size and why',
    '[long claims](configuration.md#long-claims)',
  ],
  hint_left_out: [
    'The ID token is too long for the sign-out URL, so that the provider may ask back',
    'fewer groups in the ID token; `$oidc_userinfo 1`',
  ],
  page_incomplete: [
    'A page was shown without what the line names: a setting such as `$oidc_page_color`, or a file of texts, with the place in it; once an hour',
    '[pages](pages.md)',
  ],
  store_back: ['The store of several machines answers again', 'nothing: all goes on as before'],
};

/** Errors with their status, and what stops nobody, in the order above. */
export function errorCodeTable(): string {
  const row = (code: string, status: number | string, [meaning, lookAt]: Told) =>
    `| \`${code}\` | ${status} | ${meaning} | ${lookAt} |`;
  return [
    '| Code | Status | Meaning | Look at |',
    '|---|---|---|---|',
    ...(Object.keys(errors) as ErrorCode[]).map((code) => row(code, errorTable[code].status, errors[code])),
    ...(Object.keys(warnings) as WarningCode[]).map((code) => row(code, 'none', warnings[code])),
  ].join('\n');
}
