// A site with several providers. `$oidc_providers` names them, and `$oidc_provider` says which one a request is about: the
// settings are maps of it. At the module's own addresses the module itself says so.

import { setCookie } from '../browser/cookies';
import { readSetting } from '../config/config';
import { logWarning } from '../nginx/log';
import { variableOf } from '../nginx/variable';
import { asOidcError, oidcError } from '../protocol/errors';
import { type Context, createContext } from './context';

/** That long (s) a browser remembers. */
const choiceLasts = 31536000;

/** The names of the providers; none where the site has one. Throws config_invalid. */
export function providerNames(r: NginxHTTPRequest): string[] {
  return readSetting('providers', variableOf(r));
}

/** Settings that are read from now on are those of this provider. */
export function useProvider(r: NginxHTTPRequest, name: string): void {
  try {
    r.variables.oidc_provider = name;
  } catch {
    throw oidcError(
      'config_invalid',
      '$oidc_providers is set, and NGINX knows no $oidc_provider: each setting that differs is a map of it',
    );
  }
}

/**
 * Of several providers, the one that the address ends in (`/_codexch/acme`) is the one that the request is about,
 * whatever a cookie or a map of the operator's says.
 * @throws provider_unknown for an address without a name, or with one that there is not
 */
export function useProviderOfAddress(r: NginxHTTPRequest): void {
  const names = providerNames(r);
  const name = nameInAddress(r);
  if (names.length === 0 && name === '') {
    return;
  }
  if (names.indexOf(name) < 0) {
    throw oidcError(
      'provider_unknown',
      name === ''
        ? `${r.uri} lacks the name of a provider: register ${r.uri}/${names[0]} at ${names[0]}, and so on`
        : `${r.uri} names none of $oidc_providers: ${names.join(' ') || '(not set)'}`,
    );
  }
  useProvider(r, name);
}

/** `acme` of `/_codexch/acme`, or of `/_oidc_check?provider=acme`, which operators ask; '' where there is none. */
export function nameInAddress(r: NginxHTTPRequest): string {
  const ofOperator = /^\/_oidc_(?:check|sessions)$/.test(r.uri);
  return (ofOperator ? r.variables.arg_provider : ownAddress.exec(r.uri)?.[1]) || '';
}

const ownAddress = /^\/(?:_codexch|_oidc_login|_oidc_jwks|front_channel_logout|back_channel_logout)\/(.*)$/;

/** The provider that the person signed in with last, by the cookie that says so; undefined where that is none. */
export function rememberedProvider(r: NginxHTTPRequest): string | undefined {
  const name = r.variables.cookie_oidc_provider || '';
  return providerNames(r).indexOf(name) < 0 ? undefined : name;
}

/** The one of several providers that `$oidc_provider` names; undefined where that is none. */
export function chosenProvider(r: NginxHTTPRequest): string | undefined {
  const name = r.variables.oidc_provider || '';
  return providerNames(r).indexOf(name) < 0 ? undefined : name;
}

/** Where a sign-in begins: at the provider that is chosen, or with the choice. `?return=` takes the path to come back to. */
export function loginAddress(r: NginxHTTPRequest): string {
  const name = chosenProvider(r);
  return name === undefined ? '/_oidc_login' : `/_oidc_login/${name}`;
}

/**
 * Remembers which of several providers the person signed in with, for the maps of the configuration. The cookie opens
 * nothing; NGINX cannot name a variable after one with the `__Host-` prefix.
 */
export function rememberProvider({ config, secure, addCookieLine }: Context): void {
  if (config.provider !== '') {
    addCookieLine(setCookie('oidc_provider', config.provider, secure, choiceLasts).replace('__Host-', ''));
  }
}

/**
 * The request as each provider would see it, the remembered one first; the one and only context where a site has one.
 * Afterwards the settings are the first's. Throws what `createContext` throws, where that is so for all.
 */
export function everyContext(r: NginxHTTPRequest): [Context, ...Context[]] {
  const names = providerNames(r);
  if (names.length === 0) {
    return [createContext(r)];
  }
  const first = rememberedProvider(r) || (names[0] as string);
  const contexts: Context[] = [];
  let failure: unknown;
  for (const name of [first].concat(names.filter((one) => one !== first))) {
    useProvider(r, name);
    try {
      contexts.push(createContext(r));
    } catch (error) {
      failure = error;
      logWarning(r, asOidcError(error), `the provider ${name} is left out`);
    }
  }
  useProvider(r, first);
  if (contexts.length === 0) {
    throw failure;
  }
  checkMaps(contexts);
  return contexts as [Context, ...Context[]];
}

/** Maps that NGINX evaluates once give every provider the same settings. */
function checkMaps([first, second]: Context[]): void {
  if (first && second && settingsOf(first) === settingsOf(second)) {
    throw oidcError(
      'config_invalid',
      `the providers ${first.config.provider} and ${second.config.provider} have the same settings: does each map of $oidc_provider say "volatile;"?`,
    );
  }
}

const settingsOf = ({ config }: Context) => JSON.stringify({ ...config, provider: '' });
