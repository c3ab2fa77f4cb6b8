import type { EnumerableStore, Store } from '../store/store';
import type { Sessions } from './sessions';

/** What a name remembers of one session. Times in seconds since 1970. */
export interface Link {
  name: string;
  /** Where the store has it. */
  entry: string;
  /** The session's key. */
  key: string;
  /** The session's absolute end. */
  ends: number;
  began: number;
}

export type NewLink = Pick<Link, 'key' | 'ends' | 'began'>;

/**
 * Which sessions belong to a name: one entry for each, because `add` is atomic over all workers and changing a list is
 * not. An entry lives until its session's absolute end, so that nobody needs to refresh it.
 */
export interface SessionLinks {
  /**
   * Notes a new session. With `most` of them, one that is over makes room, else the oldest, which is returned: it is
   * linked no more. Rejects with store_failed.
   */
  add(name: string, most: number, session: NewLink): Promise<Link | undefined>;
  of(name: string, most: number): Promise<Link[]>;
  /** Whether its session has ended already. */
  isOver(link: Link): Promise<boolean>;
  forget(link: Link): Promise<void>;
}

/** Times to the base of 36: then a link fits in 64 bytes, else NGINX's zones would give it 128. */
export const encodeLink = ({ ends, began, key }: NewLink) =>
  `${Math.ceil(ends).toString(36)} ${Math.floor(began).toString(36)} ${key}`;

export function decodeLink(text: string): NewLink {
  const [ends = '', began = '', key = ''] = text.split(' ');
  return { ends: Number.parseInt(ends, 36), began: Number.parseInt(began, 36), key };
}

/** @param isThere whether the session of a key is still there */
export function sessionLinksIn(store: Store, isThere: Sessions['isThere']): SessionLinks {
  const of = async (name: string, most: number): Promise<Link[]> => {
    const links: Link[] = [];
    for (let number = 0; number < most; number++) {
      const link = linkAt(store, `${name}:${number}`);
      if (link) {
        links.push(link);
      }
    }
    return links;
  };

  return {
    of,
    isOver: async ({ key }) => !(await isThere(key)),
    forget: async ({ entry }) => store.delete(entry),

    async add(name, most, session) {
      const value = encodeLink(session);
      const ttl = Math.max(1, session.ends - session.began);
      // Each begins at a place of its own, for stores whose `add` two may win at the same moment.
      const first = session.key.charCodeAt(0) * 31 + session.key.charCodeAt(1);
      for (let tried = 0; tried < most; tried++) {
        if (store.add(`${name}:${(first + tried) % most}`, value, ttl)) {
          return undefined;
        }
      }
      const { link, isLive } = await toGiveWay(await of(name, most), isThere);
      store.set(link ? link.entry : `${name}:0`, value, ttl);
      return isLive ? link : undefined;
    },
  };
}

/** All links of an embedded store whose names begin so: looks at every entry. */
export function allLinksIn(store: EnumerableStore, prefix: string): Link[] {
  return store
    .keys(prefix)
    .map((entry) => linkAt(store, entry))
    .filter((link) => link !== undefined);
}

function linkAt(store: Store, entry: string): Link | undefined {
  const text = store.get(entry);
  return text === undefined ? undefined : { name: entry.slice(0, entry.lastIndexOf(':')), entry, ...decodeLink(text) };
}

/** Which of too many: one whose session is over, else the oldest. */
export async function toGiveWay(
  links: Link[],
  isThere: Sessions['isThere'],
): Promise<{ link: Link | undefined; isLive: boolean }> {
  const byEnd = links.sort((a, b) => a.ends - b.ends);
  for (const link of byEnd) {
    const there = isThere(link.key);
    // A wait for each of 256 sessions would cost more than the rest of a sign-in.
    if (there !== true && !(await there)) {
      return { link, isLive: false };
    }
  }
  return { link: byEnd[0], isLive: byEnd.length > 0 };
}

/** Forgets a session of a name. */
export async function removeLink(links: SessionLinks, name: string, most: number, key: string): Promise<void> {
  for (const link of await links.of(name, most)) {
    if (link.key === key) {
      await links.forget(link);
    }
  }
}

/** Ends sessions and forgets them, and tells the keys of those that there were. One that fails does not keep the others. */
export async function endLinked(
  links: SessionLinks,
  found: Link[],
  sessions: Pick<Sessions, 'end'>,
): Promise<string[]> {
  const ended: string[] = [];
  let failure: unknown;
  for (const link of found) {
    try {
      if (!(await links.isOver(link))) {
        await sessions.end(link);
        ended.push(link.key);
      }
      await links.forget(link);
    } catch (error) {
      failure = error;
    }
  }
  if (failure !== undefined) {
    throw failure;
  }
  return ended;
}
