import { isGuessable } from '../protocol/front-channel-logout';
import type { Identity } from '../protocol/identity';
import type { Store } from '../store/store';
import { personKey, providerSessionKey, sessionsOfRealm } from './session-id';
import { sessionLinksIn } from './session-links';
import type { Sessions } from './sessions';

/** Sessions here that one session at the provider can have at a time: browser tabs, hosts that share the client. */
const mostOfSid = 16;
/** Sessions that a person can have at a time: all of this person's browsers. */
const mostOfPerson = 256;

/** What had to give way to a new session: the oldest session, or only its link by a `sid` that names no session. */
export type GaveWay = 'session' | 'link' | undefined;

/** The sessions of a realm, by who owns them and by the session at the provider that they belong to. */
export interface SessionIndex {
  /**
   * Notes a new session until its absolute end. Of more than 256 of a person, or 16 of a `sid`, the oldest ends, so
   * that none is out of the provider's reach. Throws store_failed, and the session is ended.
   */
  link(identity: Identity, session: { key: string; ends: number }, now: number): GaveWay;
  /** Forgets one that has ended. */
  unlink(identity: Identity, key: string): void;
  /** Ends all that belong to a session at the provider, and tells their keys. Throws store_failed when it ended all it could. */
  endSid(iss: string, sid: string): string[];
  /** Ends all of a person. */
  endSub(iss: string, sub: string): string[];
}

/** @param sessions how to end one by its key, and whether it is there */
export function sessionIndexIn(
  store: Store,
  sessions: Pick<Sessions, 'end' | 'isThere'>,
  realm: string,
  hmacKey: string,
): SessionIndex {
  const links = sessionLinksIn(store, sessions.isThere);
  const person = (iss: string, sub: string) => sessionsOfRealm(realm) + personKey(iss, sub, realm, hmacKey);
  const atProvider = (iss: string, sid: string) => `p:${providerSessionKey(iss, sid, realm, hmacKey)}`;
  // A number or a school's name may stand in the ID tokens of many people.
  const mostOf = (sid: string) => (isGuessable(sid) ? mostOfPerson : mostOfSid);

  const place = ({ iss, sub, sid }: Identity, { key, ends }: { key: string; ends: number }, now: number): GaveWay => {
    const link = { key, ends, began: now };
    let oldest = links.add(person(iss, sub), mostOfPerson, link);
    let gaveWay: GaveWay = oldest && 'session';
    if (oldest) {
      sessions.end(oldest);
    }
    oldest = sid === undefined ? undefined : links.add(atProvider(iss, sid), mostOf(sid), link);
    if (oldest && isGuessable(sid as string)) {
      gaveWay = gaveWay || 'link';
    } else if (oldest) {
      sessions.end(oldest);
      gaveWay = 'session';
    }
    return gaveWay;
  };

  return {
    link(identity, session, now) {
      try {
        return place(identity, session, now);
      } catch (error) {
        sessions.end(session);
        throw error;
      }
    },

    unlink({ iss, sub, sid }, key) {
      links.remove(person(iss, sub), mostOfPerson, key);
      if (sid !== undefined) {
        links.remove(atProvider(iss, sid), mostOf(sid), key);
      }
    },

    endSid: (iss, sid) => links.endAll(links.of(atProvider(iss, sid), mostOf(sid)), sessions),
    endSub: (iss, sub) => links.endAll(links.of(person(iss, sub), mostOfPerson), sessions),
  };
}
