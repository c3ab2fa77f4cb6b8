// location = /_oidc_jwks: the public keys of this client, for the provider: the jwks_uri to register.

import { sendJson } from '../browser/respond';
import { logError } from '../nginx/log';
import { asOidcError, errorTable } from '../protocol/errors';
import { clientJwks } from '../provider/client-jwks';
import { providerMetadata } from '../provider/metadata';
import { createSiteContext } from '../visit/context';
import { useProviderOfAddress } from '../visit/providers';

/** Without `$oidc_client_keyfile` and `$oidc_decryption_keyfile` it is a set of no keys. */
export async function oidcJwks(r: NginxHTTPRequest): Promise<void> {
  try {
    useProviderOfAddress(r);
    const context = createSiteContext(r);
    const { config } = context;
    const metadata = config.client_keyfile.length > 0 ? await providerMetadata(context) : undefined;
    const set = await clientJwks(config, metadata);
    r.headersOut['Content-Type'] = 'application/json';
    r.headersOut['Cache-Control'] = 'max-age=300';
    r.return(200, JSON.stringify(set));
  } catch (error) {
    const known = asOidcError(error);
    logError(r, known);
    sendJson(r, errorTable[known.code].status, { error: known.code });
  }
}
