import { oidcError } from '../protocol/errors';
import { areSame } from '../protocol/remembered';
import { issuerTemplate } from '../protocol/tenants';
import { printable } from '../protocol/text';
import { withProfile } from './profile';
import { type Config, type Setting, type SettingName, settings } from './settings';

const weakestHmacKey = 16;
const names = Object.keys(settings) as SettingName[];
const variables = names.map((name) => `oidc_${name}`);
/** What NGINX calls, and so must be reached by https. */
const called = names.filter((name) => /endpoint$|^issuer$|^jwt_keyfile$/.test(name));

/**
 * Configurations that were read of late, where the engine keeps a module between requests: one for each site. What a
 * variable says may be another thing for each request, so all are read, and the texts compared; only the parsing is saved.
 */
const recent: { texts: string[]; config: Config }[] = [];
const mostRecent = 8;

/** Reads one `$oidc_*` variable; the default where it is not set. Throws config_invalid. */
export function readSetting<K extends SettingName>(name: K, variable: (name: string) => string | undefined): Config[K] {
  const setting = settings[name] as Setting<Config[K]>;
  try {
    return setting.parse(variable(`oidc_${name}`) || setting.default);
  } catch (error) {
    throw oidcError('config_invalid', `$oidc_${name} ${(error as Error).message}`);
  }
}

/**
 * Reads the whole configuration and checks what only several settings together can tell.
 * @param variable the value of an nginx variable, undefined when nginx does not know it
 * @throws config_invalid, naming the variable and what to do; provider_unknown where `$oidc_providers` lacks the one
 */
export function readConfig(variable: (name: string) => string | undefined): Config {
  const texts: string[] = [];
  for (let at = 0; at < variables.length; at++) {
    texts[at] = variable(variables[at] as string) || '';
  }
  for (const known of recent) {
    if (areSame(known.texts, texts)) {
      return known.config;
    }
  }
  const config: Record<string, unknown> = {};
  names.forEach((name, index) => {
    config[name] = readSetting(name, () => texts[index]);
  });
  const isSet = (name: SettingName) => texts[names.indexOf(name)] !== '';
  const checked = withProfile(check(config as Config), isSet);
  recent.unshift({ texts, config: checked });
  recent.length = Math.min(recent.length, mostRecent);
  return checked;
}

function check(read: Config): Config {
  const config = read.providers.length > 0 ? read : { ...read, provider: '' };
  if (config.providers.length > 0 && config.providers.indexOf(config.provider) < 0) {
    throw oidcError(
      'provider_unknown',
      `"${printable(config.provider, 40)}" is none of $oidc_providers: ${config.providers.join(' ')}`,
    );
  }
  const required = (name: SettingName, why: string) => {
    if (config[name] === '') {
      throw oidcError('config_invalid', `$oidc_${name} is not set: ${why}`);
    }
  };
  required('client', 'put the client id there that the provider shows for this application');
  required('hmac_key', 'put a long random text there, for example the output of: openssl rand -hex 32');
  if (config.hmac_key.length < weakestHmacKey || /^change/i.test(config.hmac_key)) {
    throw oidcError(
      'config_invalid',
      `$oidc_hmac_key must be a secret of ${weakestHmacKey} characters or more: openssl rand -hex 32`,
    );
  }
  if (config.issuer === '') {
    const how = 'set $oidc_issuer for discovery, or all of the endpoints by hand';
    required('authz_endpoint', how);
    required('token_endpoint', how);
    required('jwt_keyfile', how);
  }
  if (config.tenants.length > 0 && issuerTemplate(config.issuer) === undefined) {
    throw oidcError(
      'config_invalid',
      '$oidc_tenants is set, and $oidc_issuer is of one tenant: set it to ".../organizations/v2.0" (Microsoft Entra ID)',
    );
  }
  if (config.cookie_partitioned && config.cookie_same_site !== 'None') {
    throw oidcError(
      'config_invalid',
      '$oidc_cookie_partitioned 1 is for frames, and needs $oidc_cookie_same_site None',
    );
  }
  for (const name of called) {
    if (!config.insecure_http_provider && String(config[name]).startsWith('http://')) {
      throw oidcError('config_invalid', `$oidc_${name} must be an https URL`);
    }
  }
  return config;
}
