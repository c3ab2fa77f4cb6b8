import type { Store } from '../store/store';
import type { Sessions } from './sessions';

/** What a name remembers of one session. Times in seconds since 1970. */
export interface Link {
  entry: string;
  /** The session's key. */
  key: string;
  /** The session's absolute end. */
  ends: number;
  began: number;
}

/**
 * Which sessions belong to a name: one entry for each, because `add` is atomic over all workers and changing a list is
 * not. An entry lives until its session's absolute end, so that nobody needs to refresh it.
 */
export interface SessionLinks {
  /**
   * Notes a new session. With `most` of them, one that is over makes room, else the oldest, which is returned: it is
   * linked no more. Throws store_failed.
   */
  add(name: string, most: number, session: Omit<Link, 'entry'>): Link | undefined;
  of(name: string, most: number): Link[];
  at(entry: string): Link | undefined;
  /** Whether its session has ended already. */
  isOver(link: Link): boolean;
  /** Forgets a session. */
  remove(name: string, most: number, key: string): void;
  /** Ends sessions and forgets them, and tells the keys of those that there were. One that fails does not keep the others. */
  endAll(found: Link[], sessions: Pick<Sessions, 'end'>): string[];
}

/** Times to the base of 36: then a link fits in 64 bytes, else NGINX's zones would give it 128. */
const encode = ({ ends, began, key }: Omit<Link, 'entry'>) =>
  `${Math.ceil(ends).toString(36)} ${Math.floor(began).toString(36)} ${key}`;

function decode(text: string): Omit<Link, 'entry'> {
  const [ends = '', began = '', key = ''] = text.split(' ');
  return { ends: Number.parseInt(ends, 36), began: Number.parseInt(began, 36), key };
}

/** @param isThere whether the session of a key is still there */
export function sessionLinksIn(store: Store, isThere: (key: string) => boolean): SessionLinks {
  const at = (entry: string): Link | undefined => {
    const text = store.get(entry);
    return text === undefined ? undefined : { entry, ...decode(text) };
  };

  const of = (name: string, most: number): Link[] => {
    const links: Link[] = [];
    for (let number = 0; number < most; number++) {
      const link = at(`${name}:${number}`);
      if (link) {
        links.push(link);
      }
    }
    return links;
  };

  const isOver = ({ key }: Link) => !isThere(key);

  return {
    of,
    at,
    isOver,

    add(name, most, session) {
      const value = encode(session);
      const ttl = Math.max(1, session.ends - session.began);
      // Each begins at a place of its own, for stores whose `add` two may win at the same moment.
      const first = session.key.charCodeAt(0) * 31 + session.key.charCodeAt(1);
      for (let tried = 0; tried < most; tried++) {
        if (store.add(`${name}:${(first + tried) % most}`, value, ttl)) {
          return undefined;
        }
      }
      const links = of(name, most).sort((a, b) => a.ends - b.ends);
      const over = links.find(isOver);
      store.set((over || links[0])?.entry || `${name}:0`, value, ttl);
      return over ? undefined : links[0];
    },

    remove(name, most, key) {
      for (const link of of(name, most)) {
        if (link.key === key) {
          store.delete(link.entry);
        }
      }
    },

    endAll(found, sessions) {
      const ended = found.filter((link) => !isOver(link));
      let failure: unknown;
      for (const link of found) {
        try {
          sessions.end(link);
          store.delete(link.entry);
        } catch (error) {
          failure = error;
        }
      }
      if (failure !== undefined) {
        throw failure;
      }
      return ended.map(({ key }) => key);
    },
  };
}
