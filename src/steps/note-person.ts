import { cookieAt } from '../browser/cookies';
import { nextPerson, openPerson, type PersonSince, sealPerson } from '../session/person-since';
import { redirectUri, type Visit } from '../visit/visit';

const name = 'oidc_person';

/**
 * Notes at the callback who signed in: a form that one person sent must not go out in the name of another. The browser
 * shows the cookie again at the callback and at /_oidc_return, so that no other request has it.
 */
export async function notePerson(visit: Visit, identity: { iss: string; sub: string }): Promise<void> {
  const { config, realm, secure, baseUrl } = visit;
  if (config.keep_post === 0) {
    return;
  }
  // Callbacks of several providers that the operator named do not see what the others noted.
  const before = config.provider === '' || config.redirect_uri === '' ? await personSince(visit) : undefined;
  const next = nextPerson(before, identity, realm, config.hmac_key, Date.now());
  const sealed = await sealPerson(next, baseUrl, config.hmac_key);
  for (const path of [callbackPath(visit), '/_oidc_return']) {
    visit.addCookieLine(cookieAt(path, name, sealed, secure));
  }
}

/** Who signed in last in this browser; undefined where it does not tell. */
export function personSince({ cookies, config, baseUrl, secure }: Visit): Promise<PersonSince | undefined> {
  const wanted = (secure ? '__Secure-' : '') + name;
  return openPerson(cookies.find((cookie) => cookie.name === wanted)?.value, baseUrl, config.hmac_key);
}

/** The path that is common to the callbacks of all providers. */
function callbackPath(visit: Visit): string {
  const path = redirectUri(visit).replace(/^https?:\/\/[^/]+|\?.*$/g, '') || '/';
  return visit.config.redirect_uri === '' ? '/_codexch' : path;
}
