// Every $oidc_* variable that an operator may set, with its type and default. The key is the variable's name without
// `$oidc_`. Types, checks and docs/configuration.md derive from this table (the texts: documentation.ts).

import type { BearerType, Bound } from '../protocol/access-token';
import { algorithmOf } from '../protocol/algorithms';
import type { ClientAuthMethod } from '../protocol/client-authentication';
import { readRule } from '../protocol/rule';
import { parseAcrValues, parseMaxAge } from '../protocol/step-up';

/** How the text of one variable becomes a value; `parse` throws an Error whose message says what is wrong. */
export interface Setting<T> {
  readonly default: string;
  readonly parse: (text: string) => T;
  /** Never shown, masked in reports. */
  readonly secret?: true;
}

function fail(message: string): never {
  throw new Error(message);
}

function text(fallback = ''): Setting<string> {
  return { default: fallback, parse: (value) => value };
}

function secret(): Setting<string> {
  return { ...text(), secret: true };
}

function url(): Setting<string> {
  return {
    default: '',
    parse: (value) =>
      value === '' || /^https?:\/\/[^\s/?#@]+(?:[/?][^\s#]*)?$/.test(value)
        ? value
        : fail('must be an absolute URL: https://...'),
  };
}

function whole(unit: string, fallback: number, least: number, most: number): Setting<number> {
  return {
    default: String(fallback),
    parse: (value) => {
      const number = /^\d{1,9}$/.test(value) ? Number(value) : -1;
      return number >= least && number <= most ? number : fail(`must be whole ${unit} from ${least} to ${most}`);
    },
  };
}

function seconds(fallback: number, least: number, most: number): Setting<number> {
  return whole('seconds', fallback, least, most);
}

function bytes(fallback: number, least: number, most: number): Setting<number> {
  return whole('bytes', fallback, least, most);
}

/** Up to so many bytes, as NGINX writes sizes: 512k, 2m; `off` for 0. */
function size(fallback: string, most: number): Setting<number> {
  const { parse } = bytes(0, 0, most);
  return {
    default: fallback,
    parse: (value) => {
      const [, count, unit] = /^(\d{1,6})([km])$/i.exec(value === 'off' ? '0k' : value) || [];
      return parse(count ? String(Number(count) * (/k/i.test(unit as string) ? 1024 : 1048576)) : value);
    },
  };
}

function character(fallback: string): Setting<string> {
  return {
    default: fallback,
    parse: (value) => (/^[\x21-\x7e]$/.test(value) ? value : fail('must be one visible ASCII character')),
  };
}

function choice<T extends string>(fallback: T, ...others: T[]): Setting<T> {
  const all = [fallback].concat(others);
  return {
    default: fallback,
    parse: (value) =>
      all.indexOf(value as T) >= 0 ? (value as T) : fail(`must be one of: ${all.join(', ') || '(empty)'}`),
  };
}

function flag(fallback: boolean): Setting<boolean> {
  return {
    default: fallback ? '1' : '0',
    parse: (value) => {
      const on = value === '1' || value === 'on';
      return on || value === '0' || value === 'off' ? on : fail('must be 1 or 0');
    },
  };
}

/** Words separated by spaces; "+" too, as the scope list of older configurations is written. */
function words(fallback: string): Setting<string[]> {
  return { default: fallback, parse: (value) => value.split(/[ +]+/).filter((word) => word !== '') };
}

/** Words separated by spaces alone, each of them as `pattern` has it. */
function list(pattern: RegExp, what: string): Setting<string[]> {
  const split = (value: string) => value.split(' ').filter((word) => word !== '');
  return {
    default: '',
    parse: (value) => (split(value).every((word) => pattern.test(word)) ? split(value) : fail(what)),
  };
}

/** The identifier of a protected resource (RFC 9728 section 1.2). */
function resource(): Setting<string> {
  const isResource = (value: string) => /^https?:\/\/[\w.:[\]-]+(?:\/[\w./~%!$&'()*+,;=:@-]*)?$/.test(value);
  return {
    default: '',
    parse: (value) =>
      value === '' || isResource(value) ? value : fail('must be a URL without query: https://.../mcp'),
  };
}

/** Compared without regard to case, which is lower from here on. */
function lowerCase<T>(setting: Setting<T>): Setting<T> {
  return { default: setting.default, parse: (value) => setting.parse(value.toLowerCase()) };
}

/** A picture within the page, so that no other host is asked for it. */
function picture(): Setting<string> {
  return {
    default: '',
    parse: (value) =>
      value === '' || /^data:image\/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}$/.test(value)
        ? value
        : fail('must be a data URL: data:image/png;base64,...'),
  };
}

/** Without a prefix, which TLS decides about, and told from the other cookies of this module. */
function nameOfCookie(fallback: string): Setting<string> {
  return {
    default: fallback,
    parse: (value) =>
      /^(?!__|oidc_(?:attempts|provider|person)$|oidc_login_)[A-Za-z0-9_-]{1,40}$/.test(value)
        ? value
        : fail(
            "must be 1 to 40 letters, digits, _ and -, without __ at its beginning, and no other cookie's of this module",
          ),
  };
}

/** Of two labels or more: browsers share no cookie below `com`, nor below an address. */
function domain(): Setting<string> {
  const isDomain = (value: string) =>
    value.length <= 253 && /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9-]+$/.test(value);
  return lowerCase({
    default: '',
    parse: (value) =>
      value === '' || isDomain(value)
        ? value
        : fail('must be a domain of two names or more, such as "example.com": no address, no dot or port at its ends'),
  });
}

function algorithms(fallback: string): Setting<string[]> {
  const { parse } = words(fallback);
  return {
    default: fallback,
    parse: (value) => {
      const names = parse(value);
      return names.every((name) => algorithmOf(name))
        ? names
        : fail(
            'must be of RS, PS, ES, HS with 256, 384, 512, or EdDSA, Ed25519, such as "RS256 ES256"; there is no other here',
          );
    },
  };
}

/** Words of a list that is given. */
function someOf<T extends string>(fallback: T, ...others: T[]): Setting<T[]> {
  const all = [fallback].concat(others);
  const { parse } = words(fallback);
  return {
    default: fallback,
    parse: (value) => {
      const chosen = parse(value) as T[];
      return chosen.every((word) => all.indexOf(word) >= 0) ? chosen : fail(`must be of: ${all.join(' ')}`);
    },
  };
}
export type Profile = 'fapi2' | 'fapi2-message-signing';
type SigningAlgorithm = `${'RS' | 'PS' | 'ES'}${'256' | '384' | '512'}`;

/** What protocol code reads; its Error says what is wrong. */
function checked<T>(parse: (text: string) => T): Setting<T> {
  return { default: '', parse };
}

export const settings = {
  issuer: url(),
  client: text(),
  profile: choice<'' | Profile>('', 'fapi2', 'fapi2-message-signing'),
  client_secret: secret(),
  hmac_key: secret(),
  scopes: words('openid'),

  authz_endpoint: url(),
  token_endpoint: url(),
  jwt_keyfile: text(),
  userinfo_endpoint: url(),
  end_session_endpoint: url(),
  revocation_endpoint: url(),
  par_endpoint: url(),

  base_url: url(),
  redirect_uri: url(),
  hosts: words(''),

  authz_extra_args: text(),
  pkce_enable: flag(true),
  par: choice<'' | 'on' | 'off'>('', 'on', 'off'),
  signed_request: choice<'' | 'on' | 'off' | 'by_reference'>('', 'on', 'off', 'by_reference'),
  response_mode: choice<'' | 'form_post' | 'jwt' | 'query.jwt' | 'form_post.jwt'>(
    '',
    'form_post',
    'jwt',
    'query.jwt',
    'form_post.jwt',
  ),
  client_auth_method: choice<'' | ClientAuthMethod>(
    '',
    'client_secret_basic',
    'client_secret_post',
    'client_secret_basic_unencoded',
    'client_secret_jwt',
    'private_key_jwt',
    'tls_client_auth',
    'self_signed_tls_client_auth',
    'none',
  ),
  client_keyfile: words(''),
  client_signing_alg: choice<'' | SigningAlgorithm>(
    '',
    'PS256',
    'ES256',
    'RS256',
    'PS384',
    'ES384',
    'RS384',
    'PS512',
    'ES512',
    'RS512',
  ),
  client_assertion_aud: choice<'issuer' | 'token_endpoint'>('issuer', 'token_endpoint'),
  mtls: flag(false),
  id_token_algs: algorithms('RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'),
  dpop: flag(false),
  dpop_url: url(),
  decryption_keyfile: words(''),
  require_encryption: someOf<'id_token' | 'userinfo' | 'response' | 'none'>('id_token', 'userinfo', 'response', 'none'),
  clock_skew: seconds(30, 0, 300),
  userinfo: flag(false),

  session_timeout: seconds(28800, 60, 2592000),
  session_idle_timeout: seconds(3600, 60, 2592000),
  login_timeout: seconds(3600, 60, 86400),
  keep_signed_in: choice<'off' | 'always' | 'ask'>('off', 'always', 'ask'),
  keep_signed_in_timeout: seconds(2592000, 60, 31536000),
  keep_signed_in_idle_timeout: seconds(604800, 60, 31536000),
  cookie_name: nameOfCookie('auth_token'),
  cookie_domain: domain(),
  cookie_same_site: choice<'Lax' | 'None'>('Lax', 'None'),
  cookie_partitioned: flag(false),
  renew_before: seconds(60, 0, 3600),
  provider_timeout: seconds(10, 1, 60),
  metadata_ttl: seconds(3600, 1, 86400),

  store: flag(false),
  store_freshness: seconds(5, 0, 300),
  store_grace: seconds(300, 0, 3600),

  keep_post: size('1m', 2097152),
  keep_fragment: flag(false),

  require: checked(readRule),
  acr_values: checked(parseAcrValues),
  max_age: checked(parseMaxAge),

  expired_access_token: choice<'pass' | 'drop' | 'refuse'>('pass', 'drop', 'refuse'),
  claim_max_length: bytes(8000, 1, 262144),
  list_separator: character(','),

  bearer_audience: list(/^[\x21-\x7e]+$/, 'must be names of visible ASCII characters, separated by spaces'),
  bearer_typ: choice<BearerType>('at+jwt', 'jwt'),
  require_scope: list(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be scopes separated by spaces, without quotes'),
  bearer_bound: choice<'off' | Bound>('off', 'any', 'dpop', 'mtls'),
  bearer_dpop_nonce: flag(false),
  introspection: choice<'off' | 'opaque' | 'always'>('off', 'opaque', 'always'),
  introspection_ttl: seconds(60, 0, 3600),
  introspection_endpoint: url(),
  resource: resource(),

  logout_redirect: text('/_logout'),
  logout_style: choice<'' | 'oidc' | 'cognito' | 'cognito_login' | 'auth0'>(
    '',
    'oidc',
    'cognito',
    'cognito_login',
    'auth0',
  ),
  logout_token_hint: flag(true),
  revoke_access_token: flag(false),

  providers: list(
    /^[a-z0-9][a-z0-9_-]{0,39}$/,
    'must be names of small letters, digits, _ and -, such as "acme globex"',
  ),
  provider: text(),
  provider_name: text(),
  provider_logo: picture(),
  provider_domains: lowerCase(
    list(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'must be the domains of e-mail addresses, such as "example.com example.org"'),
  ),
  tenants: lowerCase(
    list(
      /^(?!organizations$|common$|consumers$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/,
      'must be the ids of tenants, such as "11111111-2222-3333-4444-555555555555"',
    ),
  ),

  log_format: choice<'text' | 'json'>('text', 'json'),
  audit_subject: choice<'hash' | 'clear' | 'none'>('hash', 'clear', 'none'),

  insecure_http_provider: flag(false),
  debug: flag(false),
};

export type SettingName = keyof typeof settings;

/** The value of each setting, by its name. */
export type Config = { readonly [K in SettingName]: ReturnType<(typeof settings)[K]['parse']> };
