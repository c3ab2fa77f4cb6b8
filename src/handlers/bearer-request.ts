// location = /_oidc_bearer: the gate for access tokens, asked about each request. Like that of sessions it answers in a
// short request of its own, by what is kept of tokens that were verified; all else is for @continue_bearer.

import { gateCookies, sessionCookieOf } from '../browser/gate-cookies';
import { fits, leave, pass, type Variables } from '../nginx/gate';
import { recentlyUsed } from '../session/recent';
import { verdictEntry } from '../store/token-verdict';

/** What was found for a token; it holds as long as the zone has the same text. */
interface Found {
  authorization: string;
  site: string;
  asked: string;
  cookies: string;
  entry: string;
  text: string;
  /** Milliseconds since 1970. */
  until: number;
  variables: Variables;
}

const recent = recentlyUsed<Found>(1000, 1_000_000);

/** 204 and the variables of the location for a token that was verified within a minute, else 409. */
export function bearerRequest(r: NginxHTTPRequest): void {
  try {
    const v = r.variables;
    const authorization = v.http_authorization || '';
    const site = v.http_oidc_site || '';
    const asked = (v.http_oidc_bearer || '').slice(6);
    const cookies = v.http_cookie || '';
    const now = Date.now();
    const zone = (ngx.shared as { oidc_tokens: NgxSharedDict<string> }).oidc_tokens;
    const likely = authorization.slice(-43);
    const found = recent.get(likely, now);
    if (
      found !== undefined &&
      found.authorization === authorization &&
      found.site === site &&
      found.asked === asked &&
      found.cookies === cookies
    ) {
      if (now < found.until && zone.get(found.entry) === found.text) {
        return pass(r, found.variables);
      }
      recent.forget(likely);
    }
    const entry = verdictEntry(authorization, site.slice(site.indexOf(' ') + 1, site.indexOf('\t')), asked);
    const text = zone.get(entry);
    if (text === undefined) {
      return leave(r);
    }
    const variables = text.split('\n');
    const [until = '', wants = ''] = (variables.shift() as string).split(' ');
    variables.push('oidc_app_cookies', gateCookies(cookies, sessionCookieOf(site)).others);
    if (wants.indexOf('a') >= 0) {
      variables.push('access_token', authorization.slice(7).trim());
    }
    const kept = { authorization, site, asked, cookies, entry, text, until: Number(until) * 1000, variables };
    // Only a number can make this true.
    if (!(now < kept.until) || wants.indexOf('s') >= 0 || !fits(variables)) {
      return leave(r);
    }
    const size = authorization.length * 2 + site.length + asked.length + cookies.length + text.length * 2;
    recent.keep(likely, kept, size, now);
    pass(r, variables);
  } catch {
    leave(r); // the same happens there, where it can be shown
  }
}
