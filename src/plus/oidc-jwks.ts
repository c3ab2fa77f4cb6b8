// location = /_oidc_jwks: the public keys of this client, for the provider: the jwks_uri to register.

import { clientJwks } from '../provider/client-jwks';
import { sendError } from './answer';
import { createPlusVisit } from './plus-visit';

/** Without `$oidc_client_keyfile` it is a set of no keys. */
export async function oidcJwks(r: NginxHTTPRequest): Promise<void> {
  try {
    const set = await clientJwks(createPlusVisit(r).config);
    r.headersOut['Content-Type'] = 'application/json';
    r.headersOut['Cache-Control'] = 'max-age=300';
    r.return(200, JSON.stringify(set));
  } catch (error) {
    sendError(r, error, '/');
  }
}
