import { open, type Seal, seal } from './seal';
import { personKey } from './session-id';

/** Who signed in last in a browser, as a hash, and since when nobody else did. The browser keeps it, sealed. */
export interface PersonSince {
  person: string;
  /** Milliseconds since 1970. */
  since: number;
}

const sealOf = (hmacKey: string): Seal => ({ purpose: 'person', secret: hmacKey });

/** What holds from a sign-in on: the earlier time stays where the same person signs in again. */
export function nextPerson(
  before: PersonSince | undefined,
  { iss, sub }: { iss: string; sub: string },
  realm: string,
  hmacKey: string,
  now: number,
): PersonSince {
  const person = personKey(iss, sub, realm, hmacKey);
  return { person, since: before && before.person === person ? before.since : now };
}

export function sealPerson({ person, since }: PersonSince, origin: string, hmacKey: string): Promise<string> {
  return seal(sealOf(hmacKey), origin, `${since} ${person}`);
}

/** undefined for what was not sealed here. */
export async function openPerson(
  sealed: string | undefined,
  origin: string,
  hmacKey: string,
): Promise<PersonSince | undefined> {
  const text = sealed && (await open(sealOf(hmacKey), origin, sealed));
  const at = text ? text.indexOf(' ') : 0;
  return text ? { since: Number(text.slice(0, at)), person: text.slice(at + 1) } : undefined;
}
