// location = /_oidc_auth: the gate, asked about each request. It answers in a short request of its own, so that its
// context is free again at once, however long the person's request stays open. On the njs engines a request pays for
// every function that its bundle holds, so this imports as little as it can; what is rare is behind loadFlow().

import { gateCookies, sessionCookieOf, tlsPrefix } from '../browser/gate-cookies';
import { deny, fits, leave, noDemands, pass, type Variables } from '../nginx/gate';
import { recentlyUsed } from '../session/recent';
import { firstVariable, sessionEntry } from '../session/record';
import { type Scope, sessionKey, tokenKey } from '../session/session-id';
import { readTokenPart, type TokenSeal } from '../session/token-set';

/** What was found for a Cookie header; it holds as long as the store has the same text. */
interface Found {
  cookies: string;
  /** With what the location demands. */
  site: string;
  entry: string;
  text: string;
  /** Milliseconds since 1970. */
  until: number;
  variables: Variables;
  /** Of the same cookie, for locations that demand something else. */
  next: Found | undefined;
  /** How many they are, and the characters of all. */
  depth: number;
  size: number;
}

const recent = recentlyUsed<Found>(1000, 1_000_000);
const mostDemands = 8;
/** The end of what /_oidc_auth says where the session's cookie has neither name nor Domain of its own. */
const usualName = '\t .';
let zone: NgxSharedDict<string> | undefined;

/**
 * 204 and the variables of the location for a signed-in request, else 401; 409 for what takes the person's own request:
 * a renewal to start, variables that only a script in it can set, an error to show.
 */
export function authRequest(r: NginxHTTPRequest): void | Promise<void> {
  try {
    const v = r.variables;
    const cookies = v.http_cookie || '';
    const site = v.http_oidc_site || '';
    const now = Date.now();
    if (zone === undefined) {
      zone = (ngx.shared as { oidc_sessions: NgxSharedDict<string> }).oidc_sessions;
    }
    const secretAt = site.endsWith(usualName) ? cookies.indexOf('auth_token=') + 11 : afterOwnName(cookies, site);
    const likely = cookies.slice(secretAt, secretAt + 43);
    let found = recent.get(likely, now);
    while (found !== undefined && found.site !== site) {
      found = found.next;
    }
    if (found !== undefined && found.cookies === cookies) {
      if (now < found.until && zone.get(found.entry) === found.text) {
        return pass(r, found.variables);
      }
      recent.forget(likely);
    }
    return lookUp(r, zone, cookies, site, now, likely);
  } catch {
    leave(r); // the same happens there, where it can be shown
  }
}

function afterOwnName(cookies: string, site: string): number {
  const { name } = sessionCookieOf(site) || { name: '' };
  return cookies.indexOf(`${name}=`) + name.length + 1;
}

/** @param site scheme, realm and key, what the location demands, and the session's cookie, as /_oidc_auth sends them */
function lookUp(
  r: NginxHTTPRequest,
  store: NgxSharedDict<string>,
  cookies: string,
  site: string,
  now: number,
  likely: string,
): void | Promise<void> {
  if (site === '') {
    return r.return(401, ''); // not asked by /_oidc_auth
  }
  const at = site.indexOf('\t');
  const demands = site.slice(at + 1, site.lastIndexOf('\t'));
  const cookie = sessionCookieOf(site);
  if (cookie === undefined || at < 0 || demands.split('\t').length !== 3) {
    return leave(r); // a line break, or a tab, in what the location demands: the person's request has it whole
  }
  const { tlsSecret, plainSecret, others } = gateCookies(cookies, cookie);
  // With TLS only the cookie with a prefix counts, which no host can set that is reached without.
  const tlsName = tlsPrefix(cookie.isShared) + cookie.name;
  const names = site.startsWith('https ') ? [tlsName] : [tlsName, cookie.name];
  const elsewhere: { secret: string; scope: Scope }[] = [];
  for (const cookieName of names) {
    const secret = cookieName === tlsName ? tlsSecret : plainSecret;
    if (secret.length !== 43) {
      continue;
    }
    const scope: Scope = { site: site.slice(site.indexOf(' ') + 1, at), cookieName };
    const key = sessionKey(secret, scope);
    const entry = sessionEntry(key);
    const text = store.get(entry);
    if (text === undefined) {
      elsewhere.push({ secret, scope });
      continue;
    }
    const lines = text.split('\n');
    const variables = lines.slice(firstVariable);
    variables.push('oidc_app_cookies', others);
    const [until = '', set = '', wants = ''] = (lines[0] as string).split(' ');
    const found: Found = {
      cookies,
      site,
      entry,
      text,
      until: Number(until) * 1000,
      variables,
      next: undefined,
      depth: 1,
      size: 0,
    };
    const answer = () => {
      if (!fits(variables)) {
        return leave(r);
      }
      keep(likely, found, now);
      pass(r, variables);
    };
    const where = [{ secret, scope }];
    const admit = () => {
      if (wants === '' && demands === noDemands) {
        return answer();
      }
      const seal = { key: (part: string) => tokenKey(part, secret, scope), context: key };
      return meet(store, seal, lines, demands, found, now)
        .then((met) => (met === true ? addTokens(store, seal, set, wants, variables) : met))
        .then((may) => (may ? answer() : may === undefined ? leave(r) : askShared(r, where, others, demands)))
        .then(undefined, () => leave(r));
    };
    // Only a number can make this true.
    if (now < found.until) {
      return admit();
    }
    const goOn = () => loadFlow().continueAtGate(r, where, others, demands);
    return r.variables.oidc_store
      ? loadFlow()
          .recheckAtGate(r, key, text, Math.floor(now / 1000))
          .then((isRight) => (isRight ? admit() : goOn()))
          .catch(() => leave(r))
      : goOn();
  }
  return askShared(r, elsewhere, others, demands);
}

/** What is not in the zone of this machine may be in a store that many share. */
function askShared(
  r: NginxHTTPRequest,
  where: { secret: string; scope: Scope }[],
  others: string,
  demands: string,
): void | Promise<void> {
  return where.length > 0 && r.variables.oidc_store
    ? loadFlow().continueAtGate(r, where, others, demands)
    : deny(r, others, pass, demands);
}

/**
 * Whether the session does what the location demands: undefined where not, for the person's request to say why; false
 * where its claims are not in the zone.
 */
function meet(
  store: NgxSharedDict<string>,
  seal: TokenSeal,
  lines: string[],
  demands: string,
  found: Found,
  now: number,
): Promise<boolean | undefined> {
  if (demands === noDemands) {
    return Promise.resolve(true);
  }
  const set = (lines[1] as string).split(' ')[6] || '';
  return loadFlow()
    .metUntil(store, seal, set, demands, now)
    .then((until) => {
      if (until === undefined) {
        return false;
      }
      found.until = Math.min(found.until, until);
      return now < found.until || undefined;
    });
}

/** Keeps what was found besides what was found for other demands by the same cookies. */
function keep(likely: string, found: Found, now: number): void {
  const { cookies, site, text, variables } = found;
  const before = recent.get(likely, now);
  if (before !== undefined && before.cookies === cookies && before.text === text && before.depth < mostDemands) {
    found.next = before;
    found.depth = before.depth + 1;
    found.size = before.size;
  }
  found.size += cookies.length + site.length + text.length + variables.join('').length;
  recent.keep(likely, found, found.size, now);
}

/** Adds the tokens that the location wants; false when there are none. */
function addTokens(
  store: NgxSharedDict<string>,
  seal: TokenSeal,
  set: string,
  wants: string,
  variables: Variables,
): Promise<boolean> {
  const add = (letter: string, part: 'access' | 'id', name: string) =>
    wants.indexOf(letter) < 0
      ? Promise.resolve(true)
      : readTokenPart(store, seal, set, part).then((texts) => {
          variables.push(name, texts ? (texts[0] as string) : '');
          return texts !== undefined;
        });
  return add('a', 'access', 'access_token').then((access) => add('i', 'id', 'id_token').then((id) => access && id));
}
