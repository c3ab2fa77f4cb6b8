import { readConfig, readSetting } from '../config/config';
import type { ProviderContext } from '../provider/context';
import { type ProviderSessions, providerSessionsIn } from '../session/provider-sessions';
import { realmOf } from '../session/session-id';
import { type Sessions, sessionsIn } from '../session/sessions';
import { sharedDictStore } from '../store/shared-dict';
import { baseUrlOf } from './base-url';
import { createVisit, type Visit } from './visit';

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
