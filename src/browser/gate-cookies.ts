/** What the gate makes of a Cookie header. */
export interface GateCookies {
  /** The value of `__Host-auth_token`, '' where there is none; of several the first. */
  hostSecret: string;
  /** The value of `auth_token`. */
  plainSecret: string;
  /** The header without this module's cookies, for the application. */
  others: string;
}

/** No cookie has them (RFC 6265 section 4.1.1), and no header can pass them on. */
const controls = /[\x00-\x08\x0a-\x1f\x7f]/;

/** One pass over a Cookie header (RFC 6265 section 5.4): each request of a signed-in person pays for it. */
export function gateCookies(header: string): GateCookies {
  let hostSecret = '';
  let plainSecret = '';
  let others = '';
  const pairs = header.split(';');
  for (let index = 0; index < pairs.length; index++) {
    const pair = (pairs[index] as string).trim();
    if (pair.startsWith('auth_token=')) {
      plainSecret = plainSecret || pair.slice(11).trim();
    } else if (pair.startsWith('__Host-auth_token=')) {
      hostSecret = hostSecret || pair.slice(18).trim();
    } else if (pair !== '' && !isOwn(pair) && !controls.test(pair)) {
      others = others === '' ? pair : `${others}; ${pair}`;
    }
  }
  return { hostSecret, plainSecret, others };
}

/** Most cookies are told apart by their first letter. */
function isOwn(pair: string): boolean {
  const first = pair.charAt(0);
  return (
    (first === 'a' || first === 'o' || first === '_') &&
    /^(?:__(?:Host|Secure)-)?(?:(?:auth_token|oidc_attempts|oidc_provider|oidc_person)\s*(?:=|$)|oidc_login_)/.test(
      pair,
    )
  );
}
