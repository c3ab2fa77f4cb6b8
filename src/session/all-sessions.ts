import type { EnumerableStore } from '../store/store';
import { sessionsOfRealm } from './session-id';
import { type Link, sessionLinksIn } from './session-links';
import type { Sessions } from './sessions';

/** All sessions of a realm, for an operator: looks at every entry of the store. */
export interface AllSessions {
  count(): { sessions: number; people: number };
  /** Ends all that began before a time, seconds since 1970, and tells how many there were. */
  endBegunBefore(time: number): number;
}

export function allSessionsIn(
  store: EnumerableStore,
  sessions: Pick<Sessions, 'end' | 'isThere'>,
  realm: string,
): AllSessions {
  const links = sessionLinksIn(store, sessions.isThere);

  const live = (): Link[] =>
    store
      .keys(sessionsOfRealm(realm))
      .map((entry) => links.at(entry))
      .filter((link) => link !== undefined)
      .filter((link) => !links.isOver(link));

  return {
    count() {
      const found = live();
      const people: Record<string, true> = Object.create(null);
      for (const { entry } of found) {
        people[entry.slice(0, entry.lastIndexOf(':'))] = true;
      }
      return { sessions: found.length, people: Object.keys(people).length };
    },

    endBegunBefore(time) {
      const found = live().filter(({ began }) => began < time);
      links.endAll(found, sessions);
      return found.length;
    },
  };
}
