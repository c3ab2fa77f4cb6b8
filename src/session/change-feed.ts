import { isOutage } from '../protocol/errors';
import type { SharedStore } from '../store/shared-store';
import type { EnumerableStore, Store } from '../store/store';
import { endedEntry, sessionEntry } from './record';
import { tombstone } from './sessions';

/** How often a machine listens (s). */
const interval = 1;
const listening = 'feed:listening';
/** When somebody listened last, seconds since 1970, and up to where the feed is known. */
const heard = 'feed:heard';
/** There are ends that the store does not know yet. */
const untold = 'feed:untold';
/** What a tombstone says that the store does not know of, and how long it waits for the store (s). */
const notYet = '?';
const patience = 86400;
/** Keys that are told at once. */
const most = 500;
/** How long the place in the feed is remembered (s): whoever comes back later begins anew. */
const remembered = 86400;

/** Whether somebody on this machine has listened within the last second. */
export const isListening = (zone: Store) => zone.get(listening) !== undefined;

/** Whether a site on this machine has shared sessions, lately. */
export const hasCopies = (zone: Store) => zone.get(heard) !== undefined;

/** What is said of the feed to an operator: seconds since somebody on this machine listened. */
export function lastHeard(zone: EnumerableStore, now: number): number | undefined {
  const [at] = (zone.get(heard) || '').split(' ');
  return at ? Math.max(0, Math.round(now - Number(at))) : undefined;
}

/** Ends a session here at once, and in the shared store: if that is away, as soon as it is back. Rejects while it is away. */
export async function endEverywhere(
  zone: EnumerableStore,
  shared: SharedStore,
  key: string,
  endHere: (key: string) => void,
): Promise<void> {
  endHere(key);
  try {
    await shared.end([sessionEntry(key)], tombstone);
  } catch (error) {
    if (isOutage(error)) {
      remember(zone, key);
    }
    throw error;
  }
}

function remember(zone: EnumerableStore, key: string): void {
  try {
    zone.set(endedEntry(key), notYet, patience);
    zone.set(untold, '1', patience);
  } catch {
    // A full zone: the copies of others end when the session does.
  }
}

/**
 * Ends what ended on other machines, and tells the store what it does not know. The requests of the gate do this, one of
 * them in a second: a machine that has none lets nobody in, either.
 * @param endHere ends the copy of a session on this machine
 */
export async function listen(
  zone: EnumerableStore,
  shared: SharedStore,
  now: number,
  endHere: (key: string) => void,
): Promise<void> {
  if (!isMyTurn(zone)) {
    return;
  }
  try {
    const last = zone.get(heard) || '';
    const changes = await shared.changes(last.slice(last.indexOf(' ') + 1));
    for (const entry of changes.ended) {
      if (zone.get(entry) !== undefined) {
        endHere(entry.slice(sessionEntry('').length));
      }
    }
    if (changes.lost || zone.get(untold) !== undefined) {
      await tell(zone, shared, changes.lost);
    }
    zone.set(heard, `${now} ${changes.cursor}`, remembered);
  } catch {
    // Whoever needs the store finds that out. What was not heard, the copies are asked about.
  }
}

function isMyTurn(zone: EnumerableStore): boolean {
  try {
    return zone.add(listening, '1', interval);
  } catch {
    return false;
  }
}

/** @param all also what the store knew once: it may have gone back to older data, in which the sessions are still there */
async function tell(zone: EnumerableStore, shared: SharedStore, all: boolean): Promise<void> {
  const prefix = endedEntry('');
  const ended = zone.keys(prefix).filter((entry) => all || zone.get(entry) === notYet);
  for (let at = 0; at < ended.length; at += most) {
    const some = ended.slice(at, at + most);
    await shared.end(
      some.map((entry) => sessionEntry(entry.slice(prefix.length))),
      tombstone,
    );
    for (const entry of some) {
      zone.set(entry, '1', tombstone);
    }
  }
  zone.delete(untold);
}
