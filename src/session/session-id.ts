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

/**
 * The store's key of a session at the provider, as a realm sees it. Keyed, so that the store names no `sid`, not even
 * to those who can guess one.
 */
export function providerSessionKey(iss: string, sid: string, realm: string, hmacKey: string): string {
  const named = `provider session\n${realm}\n${iss}\n${sid}`;
  return hashes.createHmac('sha256', hmacKey).update(named).digest('base64url');
}
