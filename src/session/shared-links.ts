import type { SharedStore } from '../store/shared-store';
import { decodeLink, encodeLink, type Link, type SessionLinks, toGiveWay } from './session-links';
import type { Sessions } from './sessions';

/** The people of a realm are spread over so many lists, so that none is long. */
const lists = 256;
const anyNumber = 1_000_000_000;

/** As `sessionLinksIn`, over all machines. Names that begin with `u:` are found again by what is before their last colon. */
export function sharedLinksIn(shared: SharedStore, isThere: Sessions['isThere']): SessionLinks {
  const of = (name: string) => linksOf(shared, name);
  const forget = ({ name, entry }: Link) => shared.unlink(name, entry);
  return {
    of,
    forget,
    isOver: async ({ key }) => !(await isThere(key)),

    async add(name, most, session) {
      const links = await of(name);
      const ttl = Math.max(1, session.ends - session.began);
      const { link, isLive } =
        links.length < most ? { link: undefined, isLive: false } : await toGiveWay(links, isThere);
      if (link) {
        await forget(link);
      }
      await shared.link(name, encodeLink(session), ttl, most);
      if (name.startsWith('u:')) {
        await shared.link(listOf(name), name, ttl, anyNumber);
      }
      return isLive ? link : undefined;
    },
  };
}

/** All links of names that begin so, `u:` and what is before the last colon: one question for each name. */
export async function allSharedLinks(shared: SharedStore, prefix: string): Promise<Link[]> {
  const links: Link[] = [];
  for (let number = 0; number < lists; number++) {
    for (const name of await shared.members(listName(prefix, number))) {
      links.push(...(await linksOf(shared, name)));
    }
  }
  return links;
}

async function linksOf(shared: SharedStore, name: string): Promise<Link[]> {
  return (await shared.members(name)).map((entry) => ({ name, entry, ...decodeLink(entry) }));
}

const listName = (prefix: string, number: number) => `a:${prefix}${number}`;

/** A name ends with a hash: its first characters choose the list. */
function listOf(name: string): string {
  const hashAt = name.lastIndexOf(':') + 1;
  const number = name.charCodeAt(hashAt) * 31 + name.charCodeAt(hashAt + 1);
  return listName(name.slice(0, hashAt), number % lists);
}
