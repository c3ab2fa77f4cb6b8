import { printable } from '../protocol/text';
import type { Store } from '../store/store';
import type { LeftOutClaim } from './claim-variables';

// What could not be handed on lately, for whoever looks for the reason why a variable is empty. It names claims, never
// what is in them or whose they are.

/** How long it is remembered (s). */
const keepFor = 86400;

/** A claim that was left out, and when, seconds since 1970. */
export type Note = LeftOutClaim & { at: number };

/** Remembers them for a day: of each variable the last. Never stands in the way of a sign-in. */
export function noteLeftOut(cache: Store, realm: string, claims: LeftOutClaim[], now: number): void {
  if (claims.length === 0) {
    return;
  }
  const notes = notesOf(cache, realm).filter((note) => !claims.some(({ variable }) => variable === note.variable));
  const fresh = claims.map((one) => ({ ...one, claim: printable(one.claim, 80), at: now }));
  try {
    cache.set(entry(realm), JSON.stringify(notes.concat(fresh)), keepFor);
  } catch {
    // The log has it, too.
  }
}

export function leftOutLately(cache: Store, realm: string, now: number): Note[] {
  return notesOf(cache, realm).filter(({ at }) => now - at < keepFor);
}

function notesOf(cache: Store, realm: string): Note[] {
  return JSON.parse(cache.get(entry(realm)) || '[]') as Note[];
}

const entry = (realm: string) => `left-out:${realm}`;
