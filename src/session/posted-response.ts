import { open, type Seal, seal } from './seal';

/** The address line that NGINX reads has 8 KB; sealed, this takes a third more. */
const longest = 5500;

const sealOf = (hmacKey: string): Seal => ({ purpose: 'response', secret: hmacKey });

/**
 * An authorization response that came as a form, sealed for an address of this site: undefined for one that is too long.
 * @param form the body as it came
 */
export async function sealPosted(form: string, realm: string, hmacKey: string): Promise<string | undefined> {
  return form.length <= longest ? seal(sealOf(hmacKey), realm, form) : undefined;
}

/** The form again; undefined if it was not sealed here for this realm. */
export function openPosted(sealed: string, realm: string, hmacKey: string): Promise<string | undefined> {
  return open(sealOf(hmacKey), realm, sealed);
}
