import { oidcError } from '../protocol/errors';
import type { Config, SettingName } from './settings';

/** The signature algorithms of FAPI 2.0 (security profile 5.4.1): what this client signs by, and what is signed by the provider. */
export const strictAlgorithms = ['PS256', 'ES256'];
export const strictOfProvider = strictAlgorithms.concat('EdDSA', 'Ed25519');
const isOneOf = (names: string[]) => (name: string) => names.indexOf(name) >= 0;

/** What an operator may set under a profile, and why nothing else. */
interface Rule<K extends SettingName = SettingName> {
  readonly name: K;
  readonly allows: (value: Config[K]) => boolean;
  readonly why: string;
}
const rule = <K extends SettingName>(name: K, allows: Rule<K>['allows'], why: string) =>
  ({ name, allows, why }) as unknown as Rule;
const isHttps = (url: string) => url.startsWith('https:');

/** What a profile makes of `$oidc_bearer_bound` where that is not set. */
export const boundUnder = (profile: Config['profile'], bound: Config['bearer_bound']): Config['bearer_bound'] =>
  profile !== '' && bound === 'off' ? 'any' : bound;

const fapi2: Rule[] = [
  rule('insecure_http_provider', (on) => !on, 'the provider is reached by https'),
  rule('base_url', isHttps, 'people reach this site by https'),
  rule('redirect_uri', isHttps, 'people come back by https'),
  rule('pkce_enable', (on) => on, 'it needs PKCE'),
  rule('par', (par) => par === 'on', 'requests are pushed'),
  rule(
    'client_auth_method',
    (method) => /^private_key_jwt$|tls_client_auth$/.test(method),
    'this client has a key or a certificate',
  ),
  rule('client_assertion_aud', (aud) => aud === 'issuer', 'what the client signs names the issuer'),
  rule('client_signing_alg', isOneOf(strictAlgorithms), `this client signs by ${strictAlgorithms.join(' or ')}`),
  rule('bearer_bound', (bound) => bound !== 'off', 'access tokens are bound to their owner'),
  rule(
    'id_token_algs',
    (names) => names.every(isOneOf(strictOfProvider)),
    `tokens are signed by ${strictOfProvider.join(' or ')}`,
  ),
];

const messageSigning = fapi2.concat(
  rule('signed_request', (signed) => signed === 'on', 'requests are signed'),
  rule('response_mode', (mode) => mode.endsWith('jwt'), 'responses are signed'),
);

/**
 * The configuration with all that its profile turns on.
 * @param isSet whether the operator set it, in whatever way
 * @throws config_invalid, naming the setting that contradicts the profile
 */
export function withProfile(config: Config, isSet: (name: SettingName) => boolean): Config {
  const { profile } = config;
  if (profile === '') {
    return config;
  }
  const signs = profile === 'fapi2-message-signing';
  for (const { name, allows, why } of signs ? messageSigning : fapi2) {
    if (isSet(name) && !allows(config[name])) {
      throw oidcError('config_invalid', `$oidc_${name} contradicts $oidc_profile ${profile}: ${why}; leave it out`);
    }
  }
  const hasCertificate = /tls_client_auth$/.test(config.client_auth_method);
  const isBoundByTls = hasCertificate || config.mtls;
  if (isSet('dpop') && !config.dpop && !isBoundByTls) {
    throw oidcError(
      'config_invalid',
      `$oidc_dpop contradicts $oidc_profile ${profile}: tokens are bound to this client; leave it out, or bind them to a certificate: $oidc_mtls 1`,
    );
  }
  if (config.client_keyfile.length === 0 && (signs || !hasCertificate)) {
    throw oidcError(
      'config_invalid',
      `$oidc_client_keyfile is not set: $oidc_profile ${profile} wants a key${signs ? ' that signs requests' : ', or $oidc_client_auth_method tls_client_auth and a certificate'}`,
    );
  }
  return Object.assign(
    {},
    config,
    {
      par: 'on' as const,
      dpop: config.dpop || !isBoundByTls,
      bearer_bound: boundUnder(profile, config.bearer_bound),
      id_token_algs: isSet('id_token_algs') ? config.id_token_algs : strictOfProvider,
    },
    signs ? { signed_request: 'on' as const, response_mode: config.response_mode || ('jwt' as const) } : {},
  );
}
