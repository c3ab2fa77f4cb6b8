import { gateCookies, tlsPrefix } from './gate-cookies';

/** A cookie as the browser sent it. */
export interface Cookie {
  name: string;
  value: string;
}

/** The cookies of a Cookie header, in its order, values as they stand (RFC 6265 section 5.4). */
export function parseCookies(header: string): Cookie[] {
  const cookies: Cookie[] = [];
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0) {
      cookies.push({ name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() });
    }
  }
  return cookies;
}

/** A Cookie header without this module's cookies, for the application; '' when nothing is left. */
export function withoutOwnCookies(header: string): string {
  return gateCookies(header).others;
}

/** What a site's own frames in another site need, and sub-domains that share a session; else nobody. */
export interface CookieAttributes {
  readonly sameSite: 'Lax' | 'None';
  readonly partitioned: boolean;
  /** The host that has the cookie with all below it; '' for the site's own host alone. */
  readonly domain: string;
}

const usual: CookieAttributes = { sameSite: 'Lax', partitioned: false, domain: '' };

/**
 * A Set-Cookie line. On https the name has the `__Host-` prefix, which keeps other hosts of the domain from setting it;
 * with a Domain `__Secure-`, which keeps those out that are reached without TLS.
 * @param maxAge seconds; undefined for as long as the browser runs, 0 deletes
 */
export function setCookie(
  name: string,
  value: string,
  secure: boolean,
  maxAge?: number,
  { sameSite, partitioned, domain }: CookieAttributes = usual,
): string {
  const lifetime = (partitioned ? '; Partitioned' : '') + (maxAge === undefined ? '' : `; Max-Age=${maxAge}`);
  const scope = `Path=/${domainText(domain)}; HttpOnly; SameSite=${sameSite}${secure ? '; Secure' : ''}`;
  return `${cookieName(name, secure, domain)}=${value}; ${scope}${lifetime}`;
}

/** The same for the requests below one path, which rules the `__Host-` prefix out; it lasts as long as the browser runs. */
export function cookieAt(path: string, name: string, value: string, secure: boolean, domain: string): string {
  const prefix = secure ? '__Secure-' : '';
  return `${prefix}${name}=${value}; Path=${path}${domainText(domain)}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

function domainText(domain: string): string {
  return domain && `; Domain=${domain}`;
}

/** The name as browsers have it. */
export function cookieName(name: string, secure: boolean, domain = ''): string {
  return (secure ? tlsPrefix(domain !== '') : '') + name;
}
