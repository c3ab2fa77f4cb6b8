import { oidcError } from './errors';
import { parseParameters } from './parameters';
import { printable } from './text';

/** 16 characters of base64url are 96 bits; providers send 21 and more. */
const shortest = 16;

/**
 * Which session at the provider has ended (OpenID Connect Front-Channel Logout 1.0 section 2). `iss` may be missing: a
 * site has one issuer. `&amp;` is taken for `&`: pages that escape the address inside a script send it so.
 * @param query the query string as it came
 * @param issuers the site's own, one of which `iss` must repeat to the letter
 * @throws logout_invalid
 */
export function frontChannelSid(query: string, issuers: string[]): string {
  const parameters = parseParameters(query.replace(/&amp;/g, '&'));
  if (!parameters?.sid) {
    throw oidcError(
      'logout_invalid',
      'front-channel logout without one "sid": register it with frontchannel_logout_session_required',
    );
  }
  const { iss, sid } = parameters;
  if (iss !== undefined && issuers.indexOf(iss) < 0) {
    throw oidcError(
      'logout_invalid',
      `front-channel logout: "iss" is "${printable(iss, 200)}", not ${issuers.join(' or ')} ($oidc_issuer)`,
    );
  }
  return sid;
}

/**
 * Whether a stranger could hit on this `sid`: a short one, a number that counts up, a Windows security identifier,
 * which AD FS calls `sid`.
 */
export function isGuessable(sid: string): boolean {
  return sid.length < shortest || /^(?:\d+|S-1-[\d-]+)$/i.test(sid);
}
