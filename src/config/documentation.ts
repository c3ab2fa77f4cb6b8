import type { PageSettingName } from './page-settings';
import type { SettingName } from './settings';

/** What docs/configuration.md says of each setting; not in the bundle. */
export interface Documentation {
  group:
    | 'Provider and client'
    | 'Endpoints by hand'
    | 'Addresses'
    | 'Sign-in'
    | 'Sessions'
    | 'Many machines'
    | 'Rules for locations'
    | 'Claims for locations'
    | 'APIs'
    | 'Sign-out'
    | 'Several providers'
    | 'Pages'
    | 'Logs'
    | 'Relaxations';
  text: string;
  example?: string;
}

export const documentation: Record<SettingName | PageSettingName, Documentation> = {
  issuer: {
    group: 'Provider and client',
    text: "The provider's issuer identifier, exactly as it stands in its metadata and as `iss` in its ID tokens. Everything else is found by discovery.",
    example: 'https://idp.example.com',
  },
  client: {
    group: 'Provider and client',
    text: 'The client id that the provider gave this site. Required.',
    example: '2or4cs8bjo',
  },
  profile: {
    group: 'Provider and client',
    text: '`fapi2` turns on all that the FAPI 2.0 security profile asks of a client, and refuses settings that contradict it, by name; `fapi2-message-signing` also signs the requests and takes signed responses alone. See [high security](high-security.md).',
    example: 'fapi2',
  },
  client_secret: {
    group: 'Provider and client',
    text: 'The client secret; leave it empty for a public client. It is sent together with PKCE.',
  },
  hmac_key: {
    group: 'Provider and client',
    text: 'The secret that seals sign-ins in progress and goes into the keys of sessions and their tokens: random, unique, 16 characters or more. Required. All servers of a site share it. A change ends sign-ins in progress and all sessions.',
  },
  client_auth_method: {
    group: 'Provider and client',
    text: 'How the client authenticates at the token endpoint: `client_secret_basic`, `client_secret_post`, `client_secret_basic_unencoded`, `client_secret_jwt`, `private_key_jwt`, `tls_client_auth`, `self_signed_tls_client_auth` or `none`. Empty: `private_key_jwt` with `$oidc_client_keyfile`; else basic; post where the metadata offer only that, or both and id or secret have characters that basic encodes (RFC 6749 2.3.1), such as a space, `+` or `:`, because not every provider decodes them; `none` without a secret. `client_secret_basic_unencoded` is against the standard: for a provider that takes basic only, and the secret as it is. For those with keys and certificates see [high security](high-security.md).',
  },
  client_keyfile: {
    group: 'Provider and client',
    text: "Files with the client's own private keys: JWK, JWK set or PEM, RSA or EC, readable for the user of the worker processes; separated by spaces. The first key that the provider takes signs; the public halves of all stand at `/_oidc_jwks`. See [high security](high-security.md).",
    example: '/etc/nginx/oidc/client.pem',
  },
  client_signing_alg: {
    group: 'Provider and client',
    text: 'What `$oidc_client_keyfile` signs by. Empty: what the JWK says in `alg`; that of the curve; for RSA PS256, or RS256 where the provider lists that and not PS256.',
    example: 'RS256',
  },
  client_assertion_aud: {
    group: 'Provider and client',
    text: 'The audience of what `private_key_jwt` and `client_secret_jwt` sign: `issuer`, or `token_endpoint` for a provider that takes only its address (Entra ID, Okta). An issuer cannot be had to name what another one takes.',
    example: 'token_endpoint',
  },
  mtls: {
    group: 'Provider and client',
    text: "1 where `proxy_ssl_certificate` is this client's certificate and the provider binds tokens to it (RFC 8705): its `mtls_endpoint_aliases` are used. By itself with `tls_client_auth` and `self_signed_tls_client_auth`.",
  },
  scopes: {
    group: 'Provider and client',
    text: 'What to ask for, separated by spaces or `+`. `openid` is always among them. The list is set in `openid_connect.server_conf`. `offline_access` is left out where the metadata lists the scopes without it.',
    example: 'openid+profile+email',
  },
  authz_endpoint: {
    group: 'Endpoints by hand',
    text: 'Authorization endpoint. With `$oidc_token_endpoint` and `$oidc_jwt_keyfile` set too, there is no discovery.',
  },
  token_endpoint: { group: 'Endpoints by hand', text: 'Token endpoint.' },
  jwt_keyfile: {
    group: 'Endpoints by hand',
    text: "The provider's JWK set: a URL, or a local file that the user of the worker processes can read. Keys of type `oct` count only from a file.",
  },
  userinfo_endpoint: { group: 'Endpoints by hand', text: 'UserInfo endpoint.' },
  end_session_endpoint: {
    group: 'Endpoints by hand',
    text: 'Where the browser goes to sign out at the provider. Empty: what the metadata says. Without one, `/logout` ends the session here only.',
  },
  revocation_endpoint: {
    group: 'Endpoints by hand',
    text: 'Where the refresh token is revoked at sign-out (RFC 7009).',
  },
  par_endpoint: {
    group: 'Endpoints by hand',
    text: 'Where authorization requests are pushed (RFC 9126). Empty: what the metadata say.',
  },
  base_url: {
    group: 'Addresses',
    text: 'The address by which people reach this site: scheme, host, port. Set it where NGINX cannot know it (behind a load balancer), or to leave the port out. Default: `$scheme://$host:$server_port`. `X-Forwarded-*` headers are never believed.',
    example: 'https://app.example.com',
  },
  redirect_uri: {
    group: 'Addresses',
    text: 'The whole redirect URI, to be registered at the provider. Default: the base URL and `/_codexch`; with the default base URL it has the port in it, also 80 and 443.',
    example: 'https://app.example.com/_codexch',
  },
  hosts: {
    group: 'Addresses',
    text: 'The host names that may appear in the redirect URI. Default: `server_name`; any, where the server has none. Ignored where `$oidc_base_url` is set.',
    example: 'app.example.com www.example.com',
  },
  authz_extra_args: {
    group: 'Sign-in',
    text: 'More parameters of the authorization request, as a query string that is already encoded. Parameters of the protocol cannot be replaced here.',
    example: 'prompt=login&ui_locales=de',
  },
  pkce_enable: {
    group: 'Sign-in',
    text: 'PKCE with S256 (RFC 7636). Turn it off only for a provider that refuses it.',
  },
  par: {
    group: 'Sign-in',
    text: '`on` pushes each authorization request to the provider first, so that nobody can read or change it in the browser (RFC 9126). Empty: where the metadata require it.',
    example: 'on',
  },
  signed_request: {
    group: 'Sign-in',
    text: '`on` signs authorization requests with `$oidc_client_keyfile` (RFC 9101); pushed, too, with `$oidc_par`. `by_reference`: the provider fetches the signed request here (OpenID Connect Core 6.2). Empty: where the metadata require it.',
    example: 'on',
  },
  response_mode: {
    group: 'Sign-in',
    text: 'How the provider answers: empty for the query of the redirect URI; `form_post` for a form that the browser posts; `jwt`, `query.jwt` or `form_post.jwt` for an answer that the provider signs (JARM): no other is taken then.',
    example: 'form_post',
  },
  id_token_algs: {
    group: 'Sign-in',
    text: 'The signature algorithms to accept. Add `HS256` (HS384, HS512) only for a provider that signs with the client secret. `EdDSA` and `Ed25519` need a line in `frontend.conf`: see [tokens signed with EdDSA](eddsa.md).',
    example: 'RS256',
  },
  dpop: {
    group: 'Sign-in',
    text: '1 binds the tokens of each session to a key of its own (DPoP, RFC 9449): a stolen token is worth nothing without it. See [proof of possession](proof-of-possession.md).',
  },
  dpop_url: {
    group: 'Claims for locations',
    text: 'In a location that passes a DPoP-bound `$access_token` on: the address of the API that `$oidc_dpop_proof` is for, without a query. See [proof of possession](proof-of-possession.md#the-applications-calls).',
    example: 'https://api.example.com$uri',
  },
  decryption_keyfile: {
    group: 'Sign-in',
    text: 'Files with the private keys that the provider encrypts ID tokens, UserInfo and logout tokens to: JWK, JWK set or PEM, RSA or EC, readable for the user of the worker processes. Several, separated by spaces, while a key is changed. See [encrypted tokens](encrypted-tokens.md).',
    example: '/etc/nginx/oidc/decryption.pem',
  },
  require_encryption: {
    group: 'Sign-in',
    text: 'With `$oidc_decryption_keyfile`: what is refused when it is not encrypted, of `id_token`, `userinfo` and `response` (a signed one, `$oidc_response_mode jwt`); `none` takes both either way.',
    example: 'id_token userinfo',
  },
  clock_skew: { group: 'Sign-in', text: "Seconds by which the provider's clock may differ, 0 to 300." },
  userinfo: {
    group: 'Sign-in',
    text: '1 also asks the UserInfo endpoint, at sign-in and at each renewal. Its claims are added to those of the ID token.',
  },
  login_timeout: { group: 'Sign-in', text: 'Seconds that a person may take at the provider.' },
  provider_timeout: {
    group: 'Sign-in',
    text: 'Seconds that one call of the provider may take in all, 1 to 60. Before njs 1.0.2 a renewal also waits for `proxy_read_timeout` in openid_connect.server_conf: set both alike.',
  },
  metadata_ttl: {
    group: 'Sign-in',
    text: 'Seconds after which metadata and keys are fetched again. When a token is signed by a key that is not among them, or has been changed, the keys are fetched at once, three times in 30 seconds at most.',
  },
  session_timeout: { group: 'Sessions', text: 'Seconds after which a session ends, whatever happens.' },
  session_idle_timeout: {
    group: 'Sessions',
    text: 'Seconds without a request after which a session ends, or up to a tenth earlier. The zone in frontend.conf must keep entries at least as long.',
  },
  keep_signed_in: {
    group: 'Sessions',
    text: 'Who stays signed in after closing the browser: `off` nobody; `always` everybody; `ask` whoever signed in by a link with `keep=1`, as in `/_oidc_login?return=/&keep=1`. Their sessions have the two limits below instead of the two above. See [keep me signed in](#keep-me-signed-in).',
    example: 'ask',
  },
  keep_signed_in_timeout: {
    group: 'Sessions',
    text: 'Seconds after which such a session ends, whatever happens: 30 days unless set.',
  },
  keep_signed_in_idle_timeout: {
    group: 'Sessions',
    text: 'Seconds without a request after which such a session ends: 7 days unless set.',
  },
  cookie_name: {
    group: 'Sessions',
    text: "The name of the session's cookie, for a site whose application has an `auth_token` of its own: letters, digits, `_` and `-`. With TLS it becomes `__Host-NAME`, which no other host can set. For all of a `server {}`: [name and domain](#name-and-domain-of-the-cookie).",
    example: 'shop_session',
  },
  cookie_domain: {
    group: 'Sessions',
    text: 'Sub-domains that share a session: the host that they have in common. The cookie is `__Secure-NAME; Domain=...` then, and **every host below it gets it and can set another**: see [what that costs](#name-and-domain-of-the-cookie). For all of a `server {}`.',
    example: 'example.com',
  },
  cookie_same_site: {
    group: 'Sessions',
    text: '`None` sends the cookies also to a frame of this site in a page of another, and with everything that other sites make the browser ask for: see [frames](#in-a-frame-of-another-site) for what that costs. It needs https.',
    example: 'None',
  },
  cookie_partitioned: {
    group: 'Sessions',
    text: '1 keeps the cookies apart for each site that has this one in a frame (`Partitioned`), as browsers demand that block the cookies of other sites. With `$oidc_cookie_same_site None` only.',
  },
  renew_before: {
    group: 'Sessions',
    text: 'How many seconds before they expire tokens are renewed; at most a quarter of their lifetime. One request renews for all.',
  },
  store: {
    group: 'Many machines',
    text: '1 keeps sessions in the store that several machines share. It is set in `openid_connect.store_location`, which the site includes, and the server of its gate.',
  },
  store_freshness: {
    group: 'Many machines',
    text: 'Seconds for which a machine trusts its own copy of a shared session. A sign-out on another machine, or by the provider, holds here at the latest after that. 0 asks the store at each request.',
    example: '0',
  },
  store_grace: {
    group: 'Many machines',
    text: 'Seconds for which people go on, on a machine that has a copy of their session, while the shared store cannot be asked. 0: not at all.',
    example: '60',
  },
  keep_post: {
    group: 'Sign-in',
    text: 'How large a form may be that somebody sends after the session has ended, to be kept in the browser during the sign-in, with its files: bytes, or as NGINX writes sizes, up to `2m`. `off` keeps none. See [forms and scripts](forms-and-scripts.md).',
    example: '512k',
  },
  keep_fragment: {
    group: 'Sign-in',
    text: '1 brings people back to the part of the address after `#`, too, for applications that have their pages there. Then a page with a script begins each sign-in, instead of a redirect: see [forms and scripts](forms-and-scripts.md#the-part-of-the-address-after-).',
  },
  require: {
    group: 'Rules for locations',
    text: 'A rule on the claims of whoever is signed in: who does not meet it gets 403. See [rules](#rules).',
    example: 'groups any admins editors; email_verified is true',
  },
  acr_values: {
    group: 'Rules for locations',
    text: 'How the person must have signed in: the names of authentication contexts (`acr`) as the provider calls them, separated by spaces; one of them will do. See [step-up](#step-up).',
    example: 'mfa',
  },
  max_age: {
    group: 'Rules for locations',
    text: 'How many seconds ago, at the most, the person may have signed in at the provider (`auth_time`), from 1 to 31536000. See [step-up](#step-up).',
    example: '300',
  },
  expired_access_token: {
    group: 'Claims for locations',
    text: 'What becomes of `$access_token` once it has expired and could not be renewed, because the provider is down or gave no refresh token, while the session goes on: `pass` passes it on, `drop` leaves the variable empty, `refuse` answers 502 where the location wants the token, for an API gateway.',
    example: 'drop',
  },
  claim_max_length: {
    group: 'Claims for locations',
    text: 'What the value of one claim variable may take, in bytes of UTF-8, up to 262144. A claim that is longer is left out whole: its variable is empty, and error.log and `/_oidc_check` name it. See [long claims](#long-claims) before you raise it.',
    example: '65536',
  },
  list_separator: {
    group: 'Claims for locations',
    text: 'The character between the entries of a list, such as groups. A list with an entry that has this character in it is left out whole, because the entry would pass for two: choose another one for groups that are distinguished names.',
    example: ';',
  },
  bearer_audience: {
    group: 'APIs',
    text: 'The name of this API at the provider: an access token must have it in `aud`. Several are separated by spaces, and one of them will do. Required where access tokens are accepted.',
    example: 'https://api.example.com',
  },
  bearer_typ: {
    group: 'APIs',
    text: 'The `typ` that the header of a JWT access token must have: `at+jwt` (RFC 9068). `jwt` also accepts `JWT` and none, for providers that write no other; whatever looks like an ID token stays refused.',
    example: 'jwt',
  },
  require_scope: {
    group: 'APIs',
    text: 'The scopes that an access token must have, all of them, separated by spaces. Else the answer is 403 `insufficient_scope`. Sessions are not asked for it.',
    example: 'orders:read orders:write',
  },
  bearer_bound: {
    group: 'APIs',
    text: 'The access tokens to take: `off` for all, bound tokens with the proof that they need; `any` for those that are bound to a key or certificate of their owner; `dpop` or `mtls` for one of these alone. `$oidc_profile` makes it `any`.',
    example: 'dpop',
  },
  bearer_dpop_nonce: {
    group: 'APIs',
    text: '1 asks that DPoP proofs of access tokens have a nonce of this site, which ends after two to four minutes: proofs cannot be made in advance then. See [proof of possession](proof-of-possession.md#access-tokens-of-programs).',
  },
  introspection: {
    group: 'APIs',
    text: 'Which access tokens the provider is asked about (RFC 7662): none (`off`), those that are no JWT (`opaque`), or all (`always`), so that a revoked JWT is refused as well.',
    example: 'opaque',
  },
  introspection_ttl: {
    group: 'APIs',
    text: 'Seconds for which what the provider said of a token counts, good or bad. 0 asks for each request.',
    example: '10',
  },
  introspection_endpoint: {
    group: 'APIs',
    text: 'Where to ask. Empty: what the metadata say. The client authenticates as at the token endpoint.',
  },
  resource: {
    group: 'APIs',
    text: 'The address of this API as its clients know it (RFC 9728). Challenges then name its metadata, which the location `/.well-known/oauth-protected-resource` serves: what MCP clients look for.',
    example: 'https://app.example.com/mcp',
  },
  logout_redirect: {
    group: 'Sign-out',
    text: 'Where the browser comes back to after sign-out: a path of this site or a URL. Register it at the provider, with `$oidc_base_url` before a path.',
  },
  logout_style: {
    group: 'Sign-out',
    text: 'The form of sign-out that the provider understands: `oidc` (RP-Initiated Logout), `cognito`, `cognito_login` (Cognito goes straight to its sign-in page) or `auth0`. Empty: told from the issuer.',
  },
  logout_token_hint: {
    group: 'Sign-out',
    text: '0 leaves the ID token out of the sign-out URL; the client id is always in it. A URL of more than 8000 characters never has it.',
  },
  revoke_access_token: {
    group: 'Sign-out',
    text: '1 revokes the access token at sign-out, too, where the provider has a revocation endpoint: for applications that accept it until it expires. The refresh token is always revoked.',
  },
  providers: {
    group: 'Several providers',
    text: 'The names of the providers of a site that has several, see [several providers](several-providers.md). Each setting that differs is then a `map` of `$oidc_provider`, with `volatile;` in it.',
    example: 'acme globex',
  },
  provider: {
    group: 'Several providers',
    text: 'Which of `$oidc_providers` a request is about: a `map`, or `set` in locations; never `set` in a `server {}` whose locations set it, too. Empty, or no name of the list: the person chooses.',
    example: '$cookie_oidc_provider',
  },
  provider_name: {
    group: 'Several providers',
    text: 'What people call the provider, on the page that lets them choose. Empty: its name in `$oidc_providers`.',
    example: 'Acme Ltd',
  },
  provider_logo: {
    group: 'Several providers',
    text: 'A picture for that page, as a data URL (PNG, JPEG, GIF, WebP or SVG, base64, up to 4 KB as NGINX reads it). Nothing is fetched from elsewhere.',
    example: 'data:image/svg+xml;base64,PHN2Zy...',
  },
  provider_domains: {
    group: 'Several providers',
    text: 'The domains of e-mail addresses whose people sign in at this provider, each to the letter, sub-domains apart. The page then asks for the address; a provider that has domains and no `$oidc_provider_name` is not listed there.',
    example: 'acme.example acme.co.uk',
  },
  tenants: {
    group: 'Several providers',
    text: 'For an issuer with many tenants, such as `https://login.microsoftonline.com/organizations/v2.0`: the ids of those whose people may sign in. See [Entra ID](providers/entra-id.md).',
    example: '11111111-2222-3333-4444-555555555555',
  },
  page_name: {
    group: 'Pages',
    text: "The site's name, for the pages that people see: above the heading, in the browser's title, and for those who do not see the logo. All of these settings: [pages](pages.md).",
    example: 'Acme Intranet',
  },
  page_logo: {
    group: 'Pages',
    text: 'A picture in place of the name: a path of this site that is open to everybody, or a data URL as in `$oidc_provider_logo`.',
    example: '/public/logo.svg',
  },
  page_color: {
    group: 'Pages',
    text: "The colour of the first button, and of the page's upper edge. The text on it is black or white, whichever can be read better.",
    example: '#0a5fb4',
  },
  page_style: {
    group: 'Pages',
    text: 'A style sheet of your own on top of that of the pages: a path of this site that is open to everybody.',
    example: '/public/sign-in.css',
  },
  page_contact: {
    group: 'Pages',
    text: 'Whom people can ask, at the end of each page: text, an address in angle brackets (`mailto:`, `https:` or a path), or both.',
    example: 'IT help desk <mailto:help@example.com>',
  },
  page_languages: {
    group: 'Pages',
    text: 'The languages that pages can have, as tags separated by spaces. The browser chooses one (`Accept-Language`); the first is for those that want none of them.',
    example: 'de en',
  },
  page_texts: {
    group: 'Pages',
    text: 'A folder with your own texts, a file for each language, such as `en.json`: absolute, or below the folder of nginx.conf. What a file does not have comes from the shipped one.',
    example: '/etc/nginx/oidc_texts',
  },
  log_format: {
    group: 'Logs',
    text: '`json` makes the message of each line in error.log a JSON object. See [troubleshooting](troubleshooting.md#error-codes).',
    example: 'json',
  },
  audit_subject: {
    group: 'Logs',
    text: 'How the [audit log](audit-log.md) names people: `hash` for a keyed hash of `iss` and `sub`, `clear` for the `sub` itself, `none` for nothing.',
    example: 'clear',
  },
  insecure_http_provider: {
    group: 'Relaxations',
    text: '1 lets the provider be called over plain HTTP. For tests on one machine only: whoever can read or change that traffic signs in as anybody.',
  },
  debug: {
    group: 'Relaxations',
    text: '1 shows the cause of an error on its page, as error.log has it: no secrets, but names of hosts, clients and files. Everybody can see it: turn it off again.',
  },
};
