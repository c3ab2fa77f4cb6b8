import { type Cookie, cookieName, isSessionCookie, parseCookies, setCookie } from '../browser/cookies';
import type { Config } from '../config/settings';
import { oidcError } from '../protocol/errors';
import { realmOf } from '../session/session-id';

/** One request, without what it may find in a store. */
export interface Visit {
  readonly r: NginxHTTPRequest;
  readonly config: Config;
  /** Seconds since 1970, when the handler began. */
  readonly now: number;
  /** scheme://host[:port] of this site as the person sees it, without a slash at the end. */
  readonly baseUrl: string;
  readonly secure: boolean;
  readonly realm: string;
  readonly cookies: Cookie[];
  cookie(name: string): string | undefined;
  /** Adds a Set-Cookie line to the answer, the session's before all others; `maxAge` in seconds. */
  setCookie(name: string, value: string, maxAge?: number): void;
  addCookieLine(line: string): void;
}

/** Throws config_invalid. */
export function createVisit(r: NginxHTTPRequest, config: Config, baseUrl: string): Visit {
  const cookies = parseCookies(r.variables.http_cookie || '');
  const outgoing: string[] = [];
  const secure = isSecure(config.base_url, config.redirect_uri, baseUrl);
  const attributes = { sameSite: config.cookie_same_site, partitioned: config.cookie_partitioned };
  if (attributes.sameSite === 'None' && !secure) {
    throw oidcError(
      'config_invalid',
      '$oidc_cookie_same_site None needs https, or browsers drop the cookies: listen ... ssl, or $oidc_base_url "https://..."',
    );
  }
  const addCookieLine = (line: string) => {
    if (isSessionCookie(line)) {
      outgoing.unshift(line); // scripts and some proxies read only the first
    } else {
      outgoing.push(line);
    }
    r.headersOut['Set-Cookie'] = outgoing;
  };
  return {
    r,
    config,
    now: Math.floor(Date.now() / 1000),
    baseUrl,
    secure,
    realm: realmOf(config.client, config.issuer, config.authz_endpoint),
    cookies,
    cookie(name) {
      const wanted = cookieName(name, secure);
      return cookies.find((cookie) => cookie.name === wanted && cookie.value !== '')?.value; // as the gate reads it
    },
    setCookie: (name, value, maxAge) => addCookieLine(setCookie(name, value, secure, maxAge, attributes)),
    addCookieLine,
  };
}

/**
 * Where the provider sends the browser back to. Of several providers each has an address of its own: an answer that
 * comes to another's is refused (RFC 9207 section 1, mix-up attacks).
 */
export function redirectUri({ config, baseUrl }: Visit): string {
  return config.redirect_uri || `${baseUrl}/_codexch${config.provider && `/${config.provider}`}`;
}

/** Whether people reach the site by TLS. */
export function isSecure(baseUrl: string, redirectUri: string, requested: string): boolean {
  return (baseUrl || redirectUri || requested).startsWith('https');
}
