import { readSetting } from '../config/config';
import type { SettingName } from '../config/settings';
import { logOutage, logWarning } from '../nginx/log';
import { variableOf } from '../nginx/variable';
import { remembered } from '../protocol/remembered';
import { type AllSessions, allSessionsIn } from '../session/all-sessions';
import { copiesGiveWay } from '../session/copies-give-way';
import { type Replays, replaysIn, sharedReplaysIn } from '../session/replays';
import { type Scope, sessionsOfRealm } from '../session/session-id';
import { type SessionIndex, sessionIndexIn } from '../session/session-index';
import { allLinksIn, sessionLinksIn } from '../session/session-links';
import { type Sessions, sessionsIn } from '../session/sessions';
import { allSharedLinks, sharedLinksIn } from '../session/shared-links';
import { sharedSessionsIn } from '../session/shared-sessions';
import { type GuardedStore, guarded } from '../store/circuit';
import { sharedStoreOf } from '../store/redis';
import { sharedDictStore } from '../store/shared-dict';
import type { EnumerableStore } from '../store/store';

/** Where the sessions of a request are: in this machine's zone, or in a store that many machines share. */
export interface SessionRoom {
  readonly zone: EnumerableStore;
  readonly shared: GuardedStore | undefined;
  sessions(scope: Scope): Sessions;
}

/** What a site has to do with its sessions besides finding one by its cookie. */
export interface SiteSessions {
  readonly sessionIndex: SessionIndex;
  readonly allSessions: AllSessions;
  readonly replays: Replays;
  /** Whether an entry is written for the first time, on whatever machine; it stays for `ttl` seconds. Throws where that cannot be told. */
  once(entry: string, ttl: number): Promise<boolean>;
  /** Rejects where the store is known to be away, and is still: nobody is sent to the provider for nothing. */
  checkStore(): Promise<void>;
}

/** Throws store_failed, config_invalid. */
export function sessionRoom(r: NginxHTTPRequest): SessionRoom {
  const setting = <K extends SettingName>(name: K) => readSetting(name, variableOf(r));
  const zone = sharedDictStore('oidc_sessions');
  if (!setting('store')) {
    return roomIn(copiesGiveWay(zone));
  }
  const trust = { freshness: setting('store_freshness'), grace: setting('store_grace') };
  const shared = guarded(sharedStoreOf(r), zone, () => Date.now() / 1000, {
    began: (error) => {
      const consequence =
        error.code === 'store_full'
          ? 'nobody new can sign in, and tokens are not renewed'
          : `people who are signed in go on for ${trust.grace} s, nobody new can sign in`;
      logOutage(r, error, consequence);
    },
    ended: () =>
      logWarning(r, { code: 'store_back', detail: 'the shared store answers again' }, 'all goes on as before'),
  });
  return { zone, shared, sessions: (scope) => sharedSessionsIn(zone, shared, scope, trust) };
}

/** What is the same for each request, and made for none of them alone. */
const roomIn = remembered(1, (zone: EnumerableStore): SessionRoom => {
  const sessions = remembered(16, (site: string, cookieName: string) => sessionsIn(zone, { site, cookieName }));
  return { zone, shared: undefined, sessions: ({ site, cookieName }) => sessions(site, cookieName) };
});

/** @param sessions of the realm, by any cookie */
export function siteSessions(
  room: SessionRoom,
  sessions: Pick<Sessions, 'end' | 'isThere'>,
  realm: string,
  hmacKey: string,
): SiteSessions {
  // A shared store is asked through the request.
  return (room.shared ? siteSessionsIn : localSiteSessions)(room, sessions, realm, hmacKey);
}

const localSiteSessions = remembered(16, siteSessionsIn);

function siteSessionsIn(
  { zone, shared }: SessionRoom,
  sessions: Pick<Sessions, 'end' | 'isThere'>,
  realm: string,
  hmacKey: string,
): SiteSessions {
  const links = shared ? sharedLinksIn(shared, sessions.isThere) : sessionLinksIn(zone, sessions.isThere);
  const prefix = sessionsOfRealm(realm);
  return {
    sessionIndex: sessionIndexIn(links, sessions, realm, hmacKey),
    allSessions: allSessionsIn(links, sessions, () =>
      shared ? allSharedLinks(shared, prefix) : allLinksIn(zone, prefix),
    ),
    replays: shared ? sharedReplaysIn(shared, realm) : replaysIn(zone, realm),
    once: async (entry, ttl) => (shared || zone).add(entry, '1', Math.max(1, Math.ceil(ttl))),
    checkStore: async () => shared?.check(),
  };
}
