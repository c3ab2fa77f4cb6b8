import { cookieName } from '../browser/cookies';
import { gateCookies } from '../browser/gate-cookies';
import { readConfig, readSetting } from '../config/config';
import type { SettingName } from '../config/settings';
import type { ProviderContext } from '../provider/context';
import { type ProviderSessions, providerSessionsIn } from '../session/provider-sessions';
import { realmOf, type Scope, siteOf } from '../session/session-id';
import { type Sessions, sessionsIn } from '../session/sessions';
import { sharedDictStore } from '../store/shared-dict';
import { baseUrlOf } from './base-url';
import { createVisit, isSecure, type Visit } from './visit';

/** One request as the handlers see it. */
export interface Context extends Visit, ProviderContext {
  readonly sessions: Sessions;
  readonly providerSessions: ProviderSessions;
}

/** Throws config_invalid, host_not_allowed, store_failed. */
export function createContext(r: NginxHTTPRequest): Context {
  const config = readConfig((name) => r.variables[name]);
  const visit = createVisit(r, config, baseUrlOf(r, config));
  const store = sharedDictStore('oidc_sessions');
  const sessions = sessionsIn(store, scopeOf(visit));
  return {
    ...visit,
    sessions,
    providerSessions: providerSessionsIn(store, sessions, visit.realm, config.hmac_key),
    cache: sharedDictStore('oidc_provider'),
  };
}

/** What the session cookie of this request may open. */
export function scopeOf({ realm, config, secure }: Visit): Scope {
  return { site: siteOf(realm, config.hmac_key), cookieName: cookieName('auth_token', secure) };
}

/**
 * The sessions and the session cookie's value alone, where the rest of a Context must not stand in the way: a renewal
 * gives its lock back whatever else is wrong.
 */
export function sessionsOf(r: NginxHTTPRequest): { sessions: Sessions; secret: string } {
  const variable = (name: string) => r.variables[name];
  const setting = <K extends SettingName>(name: K) => readSetting(name, variable);
  const realm = realmOf(setting('client'), setting('issuer'), setting('authz_endpoint'));
  const secure = isSecure(setting('base_url'), setting('redirect_uri'), r.variables.scheme || '');
  const scope = { site: siteOf(realm, setting('hmac_key')), cookieName: cookieName('auth_token', secure) };
  const { hostSecret, plainSecret } = gateCookies(r.variables.http_cookie || '');
  return { sessions: sessionsIn(sharedDictStore('oidc_sessions'), scope), secret: secure ? hostSecret : plainSecret };
}
