import hashes from 'crypto';

/** What a session is valid for: a client of a provider. */
export function realmOf(client: string, issuer: string, authzEndpoint: string): string {
  return `${client} ${issuer} ${authzEndpoint}`;
}

/**
 * The realm and what only this site's configuration knows: nothing in the store can be found without it. `/_oidc_auth`
 * sends the same text; the full stop keeps a blank at the end in its place.
 */
export function siteOf(realm: string, hmacKey: string): string {
  return `${realm} ${hmacKey}.`;
}

/** Which of the browser's sessions are meant: those of one site that came by the cookie of one name. */
export interface Scope {
  readonly site: string;
  /** As browsers have it: `__Host-auth_token` with TLS, which no other host can set, else `auth_token`. */
  readonly cookieName: string;
}

/**
 * The store's key of a session: a hash of the browser's secret, so that nothing in the store can be turned into a
 * cookie, and of its scope, so that no session opens another door.
 * @param secret the session cookie's value
 */
export function sessionKey(secret: string, { site, cookieName }: Scope): string {
  return hashes.createHash('sha256').update(`${cookieName}=${secret}\n${site}`).digest('base64url');
}

/** The key (256 bits) that seals a part of a session's tokens: one hash, because the secret is 256 random bits. */
export function tokenKey(part: string, secret: string, { site }: Scope): Uint8Array {
  return hashes.createHash('sha256').update(`tokens ${part}\n${secret}\n${site}`).digest() as Uint8Array;
}

/**
 * The store's key of a session at the provider, as a realm sees it. Keyed, so that the store names no `sid`, not even
 * to those who can guess one.
 */
export function providerSessionKey(iss: string, sid: string, realm: string, hmacKey: string): string {
  const named = `provider session\n${realm}\n${iss}\n${sid}`;
  return hashes.createHmac('sha256', hmacKey).update(named).digest('base64url');
}

/** The store's key of a person, as a realm sees it; keyed, so that the store does not name people. */
export function personKey(iss: string, sub: string, realm: string, hmacKey: string): string {
  return hashes.createHmac('sha256', hmacKey).update(`person\n${realm}\n${iss}\n${sub}`).digest('base64url');
}

/** What the entries of a realm's people begin with: 66 bits of a hash tell them from those of another in the same store. */
export function sessionsOfRealm(realm: string): string {
  return `u:${hashes.createHash('sha256').update(`realm\n${realm}`).digest('base64url').slice(0, 11)}:`;
}

/** The store's key of a token that may come once. */
export function replayKey(jti: string, realm: string): string {
  return hashes.createHash('sha256').update(`once\n${realm}\n${jti}`).digest('base64url');
}
