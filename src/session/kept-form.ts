import { open, type Seal, seal } from './seal';
import { replayKey } from './session-id';

/**
 * A form that somebody sent after the session had ended. The browser keeps it, sealed, while the person signs in; no
 * script and no other person can read it there, and nobody can make one.
 */
export interface KeptForm {
  /** Random: it is sent once. */
  id: string;
  /** When it was sent, milliseconds since 1970. */
  posted: number;
  /** Whether the browser had a session's cookie, so that the person who sent it had signed in before. */
  wasSignedIn: boolean;
  /** Where it was sent to: path and query on the own origin. */
  path: string;
  /** Its Content-Type. */
  type: string;
  /** Its bytes, base64. */
  body: string;
}

const sealOf = (hmacKey: string): Seal => ({ purpose: 'form', secret: hmacKey });

/** Base64url, which opens at the same origin alone. */
export function sealForm(form: KeptForm, origin: string, hmacKey: string): Promise<string> {
  const { id, posted, wasSignedIn, path, type, body } = form;
  return seal(sealOf(hmacKey), origin, `${JSON.stringify([id, posted, wasSignedIn, path, type])}\n${body}`);
}

/** undefined for what was not sealed here, or was sent more than `timeout` seconds before `now` (ms). */
export async function openForm(
  sealed: string,
  origin: string,
  hmacKey: string,
  timeout: number,
  now: number,
): Promise<KeptForm | undefined> {
  const text = await open(sealOf(hmacKey), origin, sealed);
  if (text === undefined) {
    return undefined;
  }
  const end = text.indexOf('\n');
  const [id, posted, wasSignedIn, path, type] = JSON.parse(text.slice(0, end)) as [
    string,
    number,
    boolean,
    string,
    string,
  ];
  return now - posted <= timeout * 1000
    ? { id, posted, wasSignedIn, path, type, body: text.slice(end + 1) }
    : undefined;
}

/** What is in the store once a form was given out: it is not given out again. */
export const spentForm = (id: string, origin: string) => `k:${replayKey(id, origin)}`;
