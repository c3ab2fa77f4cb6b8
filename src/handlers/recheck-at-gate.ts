// The part of location = /_oidc_auth that asks a shared store about a copy, and nothing else. No async functions: they cost
// more than the store.

import { readSetting } from '../config/config';
import { isListening } from '../session/change-feed';
import { copiesFor, noteEvery } from '../session/copied-sessions';
import { onlyToCheck, sinceNoted, trustedAgain } from '../session/copy-check';
import { endedEntry, sessionEntry } from '../session/record';
import { isAway } from '../store/circuit';
import { askVersion } from '../store/redis';
import { sharedDictStore } from '../store/shared-dict';
import type { Store } from '../store/store';
import { sessionRoom } from '../visit/session-room';

/**
 * Whether a copy is still right: false where more is to be done to find that out.
 * @param key of the session
 * @param text of the copy
 * @param now seconds since 1970
 */
export function recheckAtGate(r: NginxHTTPRequest, key: string, text: string, now: number): Promise<boolean> {
  const variable = (name: string) => r.variables[name];
  const zone = sharedDictStore('oidc_sessions');
  const freshness = readSetting('store_freshness', variable);
  const keep = copiesFor({ freshness, grace: readSetting('store_grace', variable) });
  const version = onlyToCheck(text, now, keep);
  if (version === undefined || !isListening(zone) || isAway(zone)) {
    return Promise.resolve(false);
  }
  const entry = sessionEntry(key);
  return askVersion(r, entry).then(
    (found) => {
      if (found !== version) {
        return false;
      }
      const isDue = freshness > 0 || sinceNoted(text, now) >= noteEvery;
      return !isDue || zone.get(entry) !== text || replace(zone, key, trustedAgain(text, now, freshness), keep);
    },
    (error) => {
      sessionRoom(r).shared?.failed(error); // so that nobody waits for it twice
      return false;
    },
  );
}

function replace(zone: Store, key: string, text: string, keep: number): boolean {
  try {
    zone.set(sessionEntry(key), text, keep);
  } catch {
    return false; // a full zone
  }
  const hasEnded = zone.get(endedEntry(key)) !== undefined;
  if (hasEnded) {
    zone.delete(sessionEntry(key)); // while this was written
  }
  return !hasEnded;
}
