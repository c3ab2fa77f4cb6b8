import { isGuessable } from '../protocol/front-channel-logout';
import type { Identity } from '../protocol/identity';
import { personKey, providerSessionKey, sessionsOfRealm } from './session-id';
import { endLinked, removeLink, type SessionLinks } from './session-links';
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
   * that none is out of the provider's reach. Rejects with store_failed, and the session is ended.
   */
  link(identity: Identity, session: { key: string; ends: number }, now: number): Promise<GaveWay>;
  /** Forgets one that has ended. */
  unlink(identity: Identity, key: string): Promise<void>;
  /** Ends all that belong to a session at the provider, and tells their keys. Rejects with store_failed when it ended all it could. */
  endSid(iss: string, sid: string): Promise<string[]>;
  /** Ends all of a person. */
  endSub(iss: string, sub: string): Promise<string[]>;
}

/** @param sessions how to end one by its key */
export function sessionIndexIn(
  links: SessionLinks,
  sessions: Pick<Sessions, 'end'>,
  realm: string,
  hmacKey: string,
): SessionIndex {
  const person = (iss: string, sub: string) => sessionsOfRealm(realm) + personKey(iss, sub, realm, hmacKey);
  const atProvider = (iss: string, sid: string) => `p:${providerSessionKey(iss, sid, realm, hmacKey)}`;
  // A number or a school's name may stand in the ID tokens of many people.
  const mostOf = (sid: string) => (isGuessable(sid) ? mostOfPerson : mostOfSid);

  const place = async (
    { iss, sub, sid }: Identity,
    { key, ends }: { key: string; ends: number },
    now: number,
  ): Promise<GaveWay> => {
    const link = { key, ends, began: now };
    let oldest = await links.add(person(iss, sub), mostOfPerson, link);
    let gaveWay: GaveWay = oldest && 'session';
    if (oldest) {
      await sessions.end(oldest);
    }
    oldest = sid === undefined ? undefined : await links.add(atProvider(iss, sid), mostOf(sid), link);
    if (oldest && isGuessable(sid as string)) {
      gaveWay = gaveWay || 'link';
    } else if (oldest) {
      await sessions.end(oldest);
      gaveWay = 'session';
    }
    return gaveWay;
  };

  return {
    async link(identity, session, now) {
      try {
        return await place(identity, session, now);
      } catch (error) {
        await sessions.end(session);
        throw error;
      }
    },

    async unlink({ iss, sub, sid }, key) {
      await removeLink(links, person(iss, sub), mostOfPerson, key);
      if (sid !== undefined) {
        await removeLink(links, atProvider(iss, sid), mostOf(sid), key);
      }
    },

    endSid: async (iss, sid) => endLinked(links, await links.of(atProvider(iss, sid), mostOf(sid)), sessions),
    endSub: async (iss, sub) => endLinked(links, await links.of(person(iss, sub), mostOfPerson), sessions),
  };
}
