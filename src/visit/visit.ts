import { type Cookie, cookieName, parseCookies, setCookie } from '../browser/cookies';
import type { Config } from '../config/settings';
import { oidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
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
  /** The session cookie's value, as the gate reads it. */
  readonly sessionSecret: string | undefined;
  /** The same, and where other hosts may have set more of them, all: they end with it. */
  readonly sessionSecrets: string[];
  cookie(name: string): string | undefined;
  /** Adds a Set-Cookie line to the answer; `maxAge` in seconds. */
  setCookie(name: string, value: string, maxAge?: number): void;
  /** The same for the session's cookie, which comes before all others; '' and 0 delete it. */
  setSessionCookie(secret: string, maxAge?: number): void;
  addCookieLine(line: string, isFirst?: boolean): void;
}

/** Throws config_invalid. */
export function createVisit(r: NginxHTTPRequest, config: Config, baseUrl: string): Visit {
  const cookies = parseCookies(r.variables.http_cookie || '');
  const outgoing: string[] = [];
  const secure = isSecure(config.base_url, config.redirect_uri, baseUrl);
  const attributes = { sameSite: config.cookie_same_site, partitioned: config.cookie_partitioned, domain: '' };
  const shared = { ...attributes, domain: config.cookie_domain };
  if (attributes.sameSite === 'None' && !secure) {
    throw oidcError(
      'config_invalid',
      '$oidc_cookie_same_site None needs https, or browsers drop the cookies: listen ... ssl, or $oidc_base_url "https://..."',
    );
  }
  checkDomain(config.cookie_domain, baseUrl);
  const values = (wanted: string) =>
    cookies.filter(({ name, value }) => name === wanted && value !== '').map(({ value }) => value);
  const sessionSecrets = values(cookieName(config.cookie_name, secure, config.cookie_domain))
    .filter((value, index, all) => all.indexOf(value) === index)
    .slice(0, config.cookie_domain === '' ? 1 : mostSecrets);
  const addCookieLine = (line: string, isFirst = false) => {
    if (isFirst) {
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
    sessionSecret: sessionSecrets.length === 1 ? sessionSecrets[0] : undefined,
    sessionSecrets,
    cookie: (name) => values(cookieName(name, secure))[0],
    setSessionCookie: (secret, maxAge) =>
      addCookieLine(setCookie(config.cookie_name, secret, secure, maxAge, shared), true),
    setCookie: (name, value, maxAge) => addCookieLine(setCookie(name, value, secure, maxAge, attributes)),
    addCookieLine,
  };
}

/** Each costs a look into the store. */
const mostSecrets = 10;

/** Browsers drop a cookie whose Domain is neither the host that sets it nor above it (RFC 6265 section 5.3). */
function checkDomain(domain: string, baseUrl: string): void {
  if (domain === '') {
    return;
  }
  const host = baseUrl.replace(/^https?:\/\/([^/?:]*).*$/, '$1').toLowerCase();
  if (host !== domain && !host.endsWith(`.${domain}`)) {
    throw oidcError(
      'config_invalid',
      `$oidc_cookie_domain ${domain} is neither this site's host (${printable(host, 100)}) nor above it, so browsers would drop the cookie`,
    );
  }
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
