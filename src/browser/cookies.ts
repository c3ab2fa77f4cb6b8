import { gateCookies } from './gate-cookies';

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

/** What a site's own frames in another site need; else nobody. */
export interface CookieAttributes {
  readonly sameSite: 'Lax' | 'None';
  readonly partitioned: boolean;
}

const usual: CookieAttributes = { sameSite: 'Lax', partitioned: false };

/**
 * A Set-Cookie line. On https the name has the `__Host-` prefix, which keeps other hosts of the domain from setting it.
 * @param maxAge seconds; undefined for as long as the browser runs, 0 deletes
 */
export function setCookie(
  name: string,
  value: string,
  secure: boolean,
  maxAge?: number,
  { sameSite, partitioned }: CookieAttributes = usual,
): string {
  const lifetime = (partitioned ? '; Partitioned' : '') + (maxAge === undefined ? '' : `; Max-Age=${maxAge}`);
  return `${cookieName(name, secure)}=${value}; Path=/; HttpOnly; SameSite=${sameSite}${secure ? '; Secure' : ''}${lifetime}`;
}

/** The same for the requests below one path, which rules the `__Host-` prefix out; it lasts as long as the browser runs. */
export function cookieAt(path: string, name: string, value: string, secure: boolean): string {
  const prefix = secure ? '__Secure-' : '';
  return `${prefix}${name}=${value}; Path=${path}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

export function cookieName(name: string, secure: boolean): string {
  return (secure ? '__Host-' : '') + name;
}

/** Whether a Set-Cookie line sets or deletes the session's cookie. */
export function isSessionCookie(line: string): boolean {
  return /^(?:__Host-)?auth_token=/.test(line);
}
