import hashes from 'crypto';

/**
 * The store's key of a session: a hash of the browser's secret and of the realm, so that nothing in the store can be
 * turned into a cookie, and no session of one provider or client opens the door of another.
 * @param secret the session cookie's value
 */
export function sessionKey(secret: string, realm: string): string {
  return hashes.createHash('sha256').update(`${secret}\n${realm}`).digest('base64url');
}

/** What a session is valid for: a client of a provider. */
export function realmOf(client: string, issuer: string, authzEndpoint: string): string {
  return `${client}\n${issuer || authzEndpoint}`;
}
