// location ^~ /_oidc_request: a signed authorization request, which the provider fetches (OpenID Connect Core 6.2).

import { sendJson } from '../browser/respond';
import { logError } from '../nginx/log';
import { asOidcError, errorTable } from '../protocol/errors';
import { providerMetadata } from '../provider/metadata';
import { requestAt } from '../steps/hosted-request';
import { createContext } from '../visit/context';
import { useProviderOfAddress } from '../visit/providers';

/** 404 where `$oidc_signed_request` is not `by_reference`. */
export async function oidcRequest(r: NginxHTTPRequest): Promise<void> {
  try {
    useProviderOfAddress(r);
    const context = createContext(r);
    if (context.config.signed_request !== 'by_reference') {
      return r.return(404, '');
    }
    const object = await requestAt(context, await providerMetadata(context), r.variables.arg_sealed || '');
    r.headersOut['Content-Type'] = 'application/oauth-authz-req+jwt';
    r.headersOut['Cache-Control'] = 'no-store';
    r.return(200, object);
  } catch (error) {
    const known = asOidcError(error);
    logError(r, known);
    sendJson(r, errorTable[known.code].status, { error: known.code });
  }
}
