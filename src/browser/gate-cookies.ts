/** How the session's cookie is called, without its prefix, and whether other hosts of its Domain have it, too. */
export interface SessionCookie {
  readonly name: string;
  readonly isShared: boolean;
}

/** What the gate makes of a Cookie header. */
export interface GateCookies {
  /**
   * The value of the session's cookie with the prefix that only TLS gives, '' where there is none; of several the first.
   * Of a shared one each host of the domain could set another beside it: several that differ are no session's.
   */
  tlsSecret: string;
  /** The value of the one without a prefix. */
  plainSecret: string;
  /** The header without this module's cookies, for the application. */
  others: string;
}

export const usualCookie: SessionCookie = { name: 'auth_token', isShared: false };

/** No cookie has them (RFC 6265 section 4.1.1), and no header can pass them on. */
const controls = /[\x00-\x08\x0a-\x1f\x7f]/;
const several = '?';

/** The prefix that the cookie has with TLS: with `__Host-` no other host can set it, which a Domain rules out. */
export function tlsPrefix(isShared: boolean): string {
  return isShared ? '__Secure-' : '__Host-';
}

/** What `/_oidc_auth` says of the cookie behind the last tab of its header: name and domain; undefined where neither could be. */
export function sessionCookieOf(site: string): SessionCookie | undefined {
  const [, name = '', domain] = /\t([\w-]{0,40}) ([^\t ]*)\.$/.exec(site) || [];
  return domain === undefined ? undefined : { name: name || usualCookie.name, isShared: domain !== '' };
}

/** One pass over a Cookie header (RFC 6265 section 5.4): each request of a signed-in person pays for it. */
export function gateCookies(header: string, { name, isShared }: SessionCookie = usualCookie): GateCookies {
  let tlsSecret = '';
  let plainSecret = '';
  let others = '';
  const plain = `${name}=`;
  const prefixed = tlsPrefix(isShared) + plain;
  const pairs = header.split(';');
  for (let index = 0; index < pairs.length; index++) {
    const pair = (pairs[index] as string).trim();
    if (pair.startsWith(plain)) {
      plainSecret = either(plainSecret, pair.slice(plain.length).trim(), isShared);
    } else if (pair.startsWith(prefixed)) {
      tlsSecret = either(tlsSecret, pair.slice(prefixed.length).trim(), isShared);
    } else if (pair !== '' && !isOwn(pair, name) && !controls.test(pair)) {
      others = others === '' ? pair : `${others}; ${pair}`;
    }
  }
  return { tlsSecret, plainSecret, others };
}

function either(first: string, next: string, isShared: boolean): string {
  return isShared && first !== '' && next !== '' && next !== first ? several : first || next;
}

/** Most cookies are told apart by their first letter. */
function isOwn(pair: string, name: string): boolean {
  const first = pair.charAt(0);
  if (first !== '_' && first !== 'o' && first !== 'a' && first !== name.charAt(0)) {
    return false;
  }
  const at = pair.indexOf('=');
  const called = (at < 0 ? pair : pair.slice(0, at)).replace(/^__(?:Host|Secure)-/, '').trim();
  return (
    called === name ||
    /^oidc_(?:attempts$|provider$|person$|login_)/.test(called) ||
    // Under a name of its own, a session of another site of this host may still come by the usual one.
    (called === usualCookie.name && /^=\s*[\w-]{43}$/.test(pair.slice(at)))
  );
}
