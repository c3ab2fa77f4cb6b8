/**
 * What was used of late, kept where the engine keeps a module between requests (QuickJS does, for each context). A copy
 * of something that the store has: whoever uses it asks the store whether it still holds.
 */
export interface Recent<T> {
  /** @param now milliseconds since 1970 */
  get(key: string, now: number): T | undefined;
  /** @param size characters that the value takes, about */
  keep(key: string, value: T, size: number, now: number): void;
  forget(key: string): void;
}

/** After this time without use a value is let go (ms), at the latest after twice as long. */
const keptFor = 60_000;

/** At most twice `mostEntries`, and twice `mostCharacters`: two generations, of which the older goes as a whole. */
export function recentlyUsed<T>(mostEntries: number, mostCharacters: number): Recent<T> {
  let young: Record<string, T> = Object.create(null);
  let old: Record<string, T> = Object.create(null);
  let entries = 0;
  let characters = 0;
  let born = 0;

  const makeRoom = (now: number) => {
    if (entries >= mostEntries || characters >= mostCharacters || now - born >= keptFor) {
      old = now - born >= 2 * keptFor ? Object.create(null) : young;
      young = Object.create(null);
      entries = 0;
      characters = 0;
      born = now;
    }
  };

  return {
    get(key, now) {
      if (now - born >= keptFor) {
        makeRoom(now);
      }
      return young[key] || old[key];
    },
    keep(key, value, size, now) {
      makeRoom(now);
      young[key] = value;
      entries++;
      characters += size;
    },
    forget(key) {
      delete young[key];
      delete old[key];
    },
  };
}
