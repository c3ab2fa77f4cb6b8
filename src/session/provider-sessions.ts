import { isGuessable } from '../protocol/front-channel-logout';
import type { Store } from '../store/store';
import { sessionEntry } from './record';
import { providerSessionKey } from './session-id';
import type { Session, Sessions } from './sessions';

/** Sessions here that one session at the provider can have at a time: browser tabs, hosts that share the client. */
const most = 16;

/**
 * Which sessions of a realm belong to a session at the provider, which ID tokens name by `iss` and `sid`. A `sid` that
 * could be guessed leads to none.
 */
export interface ProviderSessions {
  /**
   * Notes a new session until its absolute end. Of more than 16 the oldest ends, so that none is out of the provider's
   * reach; throws store_failed, and the session is ended.
   */
  link(iss: string, sid: string, session: Session, now: number): void;
  /** Ends them all, and tells their keys. */
  end(iss: string, sid: string): string[];
  /** Forgets one that has ended. */
  unlink(iss: string, sid: string, key: string): void;
}

interface Link {
  entry: string;
  key: string;
  /** The session's absolute end, seconds since 1970. */
  ends: number;
}

export function providerSessionsIn(store: Store, sessions: Sessions, realm: string, hmacKey: string): ProviderSessions {
  /** One entry for each session, because `add` is atomic over all workers and changing a list is not. */
  const entriesOf = (iss: string, sid: string): string[] => {
    const key = providerSessionKey(iss, sid, realm, hmacKey);
    const entries: string[] = [];
    for (let number = 0; number < most && !isGuessable(sid); number++) {
      entries.push(`p:${key}:${number}`);
    }
    return entries;
  };

  const linksIn = (entries: string[]): Link[] =>
    entries
      .map((entry) => {
        const [ends, key] = (store.get(entry) || '').split(' ');
        return { entry, key: key || '', ends: Number(ends) };
      })
      .filter(({ key }) => key !== '');

  const isThere = ({ key }: Link) => store.get(sessionEntry(key)) !== undefined;

  const place = (entries: string[], value: string, ttl: number) => {
    if (entries.some((entry) => store.add(entry, value, ttl))) {
      return;
    }
    const links = linksIn(entries).sort((a, b) => a.ends - b.ends);
    const gone = links.find((link) => !isThere(link));
    const oldest = links[0];
    if (!gone && oldest) {
      sessions.end(oldest);
    }
    store.set((gone || oldest)?.entry || (entries[0] as string), value, ttl);
  };

  return {
    link(iss, sid, session, now) {
      const entries = entriesOf(iss, sid);
      if (entries.length === 0) {
        return;
      }
      try {
        place(entries, `${session.record.endsAt} ${session.key}`, Math.max(1, session.record.endsAt - now));
      } catch (error) {
        sessions.end(session);
        throw error;
      }
    },

    end(iss, sid) {
      const links = linksIn(entriesOf(iss, sid));
      for (const link of links) {
        sessions.end(link);
        store.delete(link.entry);
      }
      return links.map(({ key }) => key);
    },

    unlink(iss, sid, key) {
      for (const link of linksIn(entriesOf(iss, sid))) {
        if (link.key === key) {
          store.delete(link.entry);
        }
      }
    },
  };
}
