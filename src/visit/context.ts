import { cookieName } from '../browser/cookies';
import { gateCookies, type SessionCookie } from '../browser/gate-cookies';
import { readConfig, readSetting } from '../config/config';
import type { Config, SettingName } from '../config/settings';
import { variableOf } from '../nginx/variable';
import type { ProviderContext } from '../provider/context';
import { realmOf, type Scope, siteOf } from '../session/session-id';
import type { Sessions } from '../session/sessions';
import { sharedDictStore } from '../store/shared-dict';
import { baseUrlOf } from './base-url';
import { type SiteSessions, sessionRoom, siteSessions } from './session-room';
import { createVisit, isSecure, type Visit } from './visit';

/** A request that no browser makes, such as a call by the provider: nothing in it depends on the site's address. */
export interface SiteContext extends ProviderContext, SiteSessions {
  readonly realm: string;
  readonly sessions: Pick<Sessions, 'end' | 'isThere'>;
}

/** One request of a browser as the handlers see it. */
export interface Context extends Visit, SiteContext {
  readonly realm: string;
  readonly sessions: Sessions;
}

/** Throws config_invalid, host_not_allowed, store_failed. */
export function createContext(r: NginxHTTPRequest): Context {
  const config = readConfig(variableOf(r));
  const visit = createVisit(r, config, baseUrlOf(r, config));
  return { ...visit, ...stateOf(r, config, visit.realm, scopeOf(visit)) };
}

/**
 * @param variable where its location sees other settings than the server's
 * @throws config_invalid, store_failed
 */
export function createSiteContext(
  r: NginxHTTPRequest,
  variable: (name: string) => string | undefined = variableOf(r),
): SiteContext {
  const config = readConfig(variable);
  const realm = realmOf(config.client, config.issuer, config.authz_endpoint);
  const noCookie = { site: siteOf(realm, config.hmac_key), cookieName: '' };
  return { r, config, realm, now: Math.floor(Date.now() / 1000), ...stateOf(r, config, realm, noCookie) };
}

function stateOf(r: NginxHTTPRequest, config: Config, realm: string, scope: Scope) {
  const room = sessionRoom(r);
  const sessions = room.sessions(scope);
  return {
    sessions,
    ...siteSessions(room, sessions, realm, config.hmac_key),
    cache: sharedDictStore('oidc_provider'),
  };
}

/** What the session cookie of this request may open. */
export function scopeOf({ realm, config, secure }: Visit): Scope {
  const { hmac_key, cookie_name, cookie_domain } = config;
  return { site: siteOf(realm, hmac_key), cookieName: cookieName(cookie_name, secure, cookie_domain) };
}

/** Throws config_invalid. */
export function readSessionCookie(variable: (name: string) => string | undefined): SessionCookie {
  return { name: readSetting('cookie_name', variable), isShared: readSetting('cookie_domain', variable) !== '' };
}

/**
 * The sessions, the session cookie's value and the other cookies alone, where the rest of a Context must not stand in
 * the way: a renewal gives its lock back whatever else is wrong.
 */
export function sessionsOf(r: NginxHTTPRequest): { sessions: Sessions; secret: string; appCookies: string } {
  const variable = variableOf(r);
  const setting = <K extends SettingName>(name: K) => readSetting(name, variable);
  const realm = realmOf(setting('client'), setting('issuer'), setting('authz_endpoint'));
  const secure = isSecure(setting('base_url'), setting('redirect_uri'), r.variables.scheme || '');
  const name = cookieName(setting('cookie_name'), secure, setting('cookie_domain'));
  const scope = { site: siteOf(realm, setting('hmac_key')), cookieName: name };
  const { tlsSecret, plainSecret, others } = gateCookies(r.variables.http_cookie || '', readSessionCookie(variable));
  return { sessions: sessionRoom(r).sessions(scope), secret: secure ? tlsSecret : plainSecret, appCookies: others };
}
