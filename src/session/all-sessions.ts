import { endLinked, type Link, type SessionLinks } from './session-links';
import type { Sessions } from './sessions';

/** All sessions of a realm, for an operator: looks at every one of them. */
export interface AllSessions {
  count(): Promise<{ sessions: number; people: number }>;
  /** Ends all that began before a time, seconds since 1970, and tells their keys. */
  endBegunBefore(time: number): Promise<string[]>;
}

/** @param ofRealm the links of all its people */
export function allSessionsIn(
  links: SessionLinks,
  sessions: Pick<Sessions, 'end'>,
  ofRealm: () => Link[] | Promise<Link[]>,
): AllSessions {
  const live = async (): Promise<Link[]> => {
    const found: Link[] = [];
    for (const link of await ofRealm()) {
      if (!(await links.isOver(link))) {
        found.push(link);
      }
    }
    return found;
  };

  return {
    async count() {
      const found = await live();
      const people: Record<string, true> = Object.create(null);
      for (const { name } of found) {
        people[name] = true;
      }
      return { sessions: found.length, people: Object.keys(people).length };
    },

    endBegunBefore: async (time) =>
      endLinked(
        links,
        (await live()).filter(({ began }) => began < time),
        sessions,
      ),
  };
}
