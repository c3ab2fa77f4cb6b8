// location = /_oidc_auth: the gate, asked about each request. It answers in a short request of its own, so that its
// context is free again at once, however long the person's request stays open. On the njs engines a request pays for
// every function that its bundle holds, so this imports as little as it can; what is rare is behind loadFlow().

import { gateCookies } from '../browser/gate-cookies';
import { deny, fits, leave, pass, type Variables } from '../nginx/gate';
import { recentlyUsed } from '../session/recent';
import { firstVariable, sessionEntry } from '../session/record';
import { type Scope, sessionKey, tokenKey } from '../session/session-id';
import { readTokenPart } from '../session/token-set';

/** What was found for a Cookie header; it holds as long as the store has the same text. */
interface Found {
  cookies: string;
  site: string;
  entry: string;
  text: string;
  /** Milliseconds since 1970. */
  until: number;
  variables: Variables;
}

const recent = recentlyUsed<Found>(1000, 1_000_000);
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
    const secretAt = cookies.indexOf('auth_token=') + 11;
    const likely = cookies.slice(secretAt, secretAt + 43);
    const found = recent.get(likely, now);
    if (found !== undefined && found.cookies === cookies && found.site === site) {
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

/** @param site scheme, realm and key, as /_oidc_auth sends them */
function lookUp(
  r: NginxHTTPRequest,
  store: NgxSharedDict<string>,
  cookies: string,
  site: string,
  now: number,
  likely: string,
): void | Promise<void> {
  const { hostSecret, plainSecret, others } = gateCookies(cookies);
  // With TLS only the cookie with the `__Host-` name counts, which no other host can set.
  const names = site.startsWith('https ') ? ['__Host-auth_token'] : ['__Host-auth_token', 'auth_token'];
  const elsewhere: { secret: string; scope: Scope }[] = [];
  for (const cookieName of names) {
    const secret = cookieName === 'auth_token' ? plainSecret : hostSecret;
    if (secret.length !== 43) {
      continue;
    }
    const scope: Scope = { site: site.slice(site.indexOf(' ') + 1), cookieName };
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
    const found = { cookies, site, entry, text, until: Number(until) * 1000, variables };
    const answer = () => {
      if (!fits(variables)) {
        return leave(r);
      }
      recent.keep(likely, found, cookies.length + site.length + text.length + variables.join('').length, now);
      pass(r, variables);
    };
    const admit = () =>
      wants === ''
        ? answer()
        : addTokens(store, secret, scope, key, set, wants, variables).then(
            (all) => (all ? answer() : askShared(r, [{ secret, scope }], others)),
            () => leave(r),
          );
    // Only a number can make this true.
    if (now < found.until) {
      return admit();
    }
    const goOn = () => loadFlow().continueAtGate(r, [{ secret, scope }], others);
    return r.variables.oidc_store
      ? loadFlow()
          .recheckAtGate(r, key, text, Math.floor(now / 1000))
          .then((isRight) => (isRight ? admit() : goOn()))
          .catch(() => leave(r))
      : goOn();
  }
  return askShared(r, elsewhere, others);
}

/** What is not in the zone of this machine may be in a store that many share. */
function askShared(
  r: NginxHTTPRequest,
  where: { secret: string; scope: Scope }[],
  others: string,
): void | Promise<void> {
  return where.length > 0 && r.variables.oidc_store
    ? loadFlow().continueAtGate(r, where, others)
    : deny(r, others, pass);
}

/** Adds the tokens that the location wants; false when there are none. */
function addTokens(
  store: NgxSharedDict<string>,
  secret: string,
  scope: Scope,
  context: string,
  set: string,
  wants: string,
  variables: Variables,
): Promise<boolean> {
  const seal = { key: (part: string) => tokenKey(part, secret, scope), context };
  const add = (letter: string, part: 'access' | 'id', name: string) =>
    wants.indexOf(letter) < 0
      ? Promise.resolve(true)
      : readTokenPart(store, seal, set, part).then((texts) => {
          variables.push(name, texts ? (texts[0] as string) : '');
          return texts !== undefined;
        });
  return add('a', 'access', 'access_token').then((access) => add('i', 'id', 'id_token').then((id) => access && id));
}
