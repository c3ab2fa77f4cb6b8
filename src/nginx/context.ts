import { readConfig, readSetting } from '../config/config';
import type { Config } from '../config/settings';
import { oidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import { type ProviderSessions, providerSessionsIn } from '../session/provider-sessions';
import { realmOf } from '../session/session-id';
import { type Sessions, sessionsIn } from '../session/sessions';
import type { Store } from '../session/store';
import { type Cookie, cookieName, parseCookies, setCookie } from './cookies';
import { sharedDictStore } from './shared-dict-store';

/** One request, without what it may find in a store. */
export interface Visit {
  readonly r: NginxHTTPRequest;
  readonly config: Config;
  /** Seconds since 1970, when the handler began. */
  readonly now: number;
  /** scheme://host[:port] of this site as the person sees it, without a slash at the end. */
  readonly baseUrl: string;
  readonly secure: boolean;
  readonly realm: string;
  readonly cookies: Cookie[];
  cookie(name: string): string | undefined;
  /** Adds a Set-Cookie line to the answer; `maxAge` in seconds. */
  setCookie(name: string, value: string, maxAge?: number): void;
  addCookieLine(line: string): void;
}

/** One request as the handlers see it. */
export interface Context extends Visit {
  readonly sessions: Sessions;
  readonly providerSessions: ProviderSessions;
  /** For what the provider publishes. */
  readonly cache: Store;
}

/** Throws config_invalid, host_not_allowed, store_failed. */
export function createContext(r: NginxHTTPRequest): Context {
  const config = readConfig((name) => r.variables[name]);
  const visit = createVisit(r, config, baseUrlOf(r, config));
  const store = sharedDictStore('oidc_sessions');
  const sessions = sessionsIn(store, visit.realm, config.hmac_key);
  return {
    ...visit,
    sessions,
    providerSessions: providerSessionsIn(store, sessions, visit.realm, config.hmac_key),
    cache: sharedDictStore('oidc_provider'),
  };
}

/** The sessions alone, where the rest of a Context is not needed, or must not stand in the way. */
export function sessionsOf(r: NginxHTTPRequest): Sessions {
  const variable = (name: string) => r.variables[name];
  const realm = realmOf(
    readSetting('client', variable),
    readSetting('issuer', variable),
    readSetting('authz_endpoint', variable),
  );
  return sessionsIn(sharedDictStore('oidc_sessions'), realm, readSetting('hmac_key', variable));
}

export function createVisit(r: NginxHTTPRequest, config: Config, baseUrl: string): Visit {
  const cookies = parseCookies(r.variables.http_cookie || '');
  const outgoing: string[] = [];
  const secure = (config.base_url || config.redirect_uri || baseUrl).startsWith('https:');
  const addCookieLine = (line: string) => {
    outgoing.push(line);
    r.headersOut['Set-Cookie'] = outgoing;
  };
  return {
    r,
    config,
    now: Math.floor(Date.now() / 1000),
    baseUrl,
    secure,
    realm: realmOf(config.client, config.issuer, config.authz_endpoint),
    cookies,
    cookie(name) {
      const wanted = cookieName(name, secure);
      return cookies.find((cookie) => cookie.name === wanted && cookie.value !== '')?.value; // as the gate reads it
    },
    setCookie: (name, value, maxAge) => addCookieLine(setCookie(name, value, secure, maxAge)),
    addCookieLine,
  };
}

/** Joins a page, its log line and, where the log_format has `$oidc_reference`, the access log. */
export function referenceOf(r: NginxHTTPRequest): string {
  const v = r.variables;
  // $request_id is another one each time it is read, unless the configuration uses it.
  v.oidc_reference = v.oidc_reference || (v.request_id || '').slice(0, 12);
  return v.oidc_reference;
}

/**
 * Nothing that a client says about host or scheme is believed, except a Host that the configuration knows:
 * in `$oidc_hosts`, or the server's own name; any Host where the server has no name.
 */
function baseUrlOf(r: NginxHTTPRequest, config: Config): string {
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

/** Where the provider sends the browser back to. */
export function redirectUri(context: Visit): string {
  return context.config.redirect_uri || `${context.baseUrl}/_codexch`;
}
