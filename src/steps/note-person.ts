import { cookieAt } from '../browser/cookies';
import { nextPerson, openPerson, type PersonSince, sealPerson } from '../session/person-since';
import { redirectUri, type Visit } from '../visit/visit';

const name = 'oidc_person';

/**
 * Notes at the callback who signed in: a form that one person sent must not go out in the name of another. The browser
 * shows the cookie again at the callback and at /_oidc_return, so that no other request has it.
 */
export async function notePerson(visit: Visit, identity: { iss: string; sub: string }): Promise<void> {
  const { config, realm, secure } = visit;
  if (config.keep_post === 0) {
    return;
  }
  // Callbacks of several providers that the operator named do not see what the others noted.
  const before = config.provider === '' || config.redirect_uri === '' ? await personSince(visit) : undefined;
  const next = nextPerson(before, identity, realm, config.hmac_key, Date.now());
  const sealed = await sealPerson(next, placeOf(visit), config.hmac_key);
  for (const path of [callbackPath(visit), '/_oidc_return']) {
    visit.addCookieLine(cookieAt(path, name, sealed, secure, config.cookie_domain));
  }
}

/** Who signed in last in this browser; undefined where it does not tell. */
export function personSince(visit: Visit): Promise<PersonSince | undefined> {
  const { cookies, config, secure } = visit;
  const wanted = (secure ? '__Secure-' : '') + name;
  return openPerson(cookies.find((cookie) => cookie.name === wanted)?.value, placeOf(visit), config.hmac_key);
}

/** Hosts that share the session share what is noted of it: a sign-in on one of them is one on all. */
function placeOf({ config, baseUrl }: Visit): string {
  return config.cookie_domain === '' ? baseUrl : `*.${config.cookie_domain}`;
}

/** The path that is common to the callbacks of all providers. */
function callbackPath(visit: Visit): string {
  const path = redirectUri(visit).replace(/^https?:\/\/[^/]+|\?.*$/g, '') || '/';
  return visit.config.redirect_uri === '' ? '/_codexch' : path;
}
