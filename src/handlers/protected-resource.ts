// location /.well-known/oauth-protected-resource: what an API is called, and who gives out tokens for it (RFC 9728).

import { sendErrorPage, sendText } from '../browser/respond';
import { metadataUrl, resourceMetadata } from '../protocol/protected-resource';
import { providerMetadata } from '../provider/metadata';
import { createSiteContext } from '../visit/context';

/** The metadata of `$oidc_resource`, which pages of any origin may read; 404 where it is another address's, or not set. */
export async function protectedResource(r: NginxHTTPRequest): Promise<void> {
  try {
    const context = createSiteContext(r);
    const { resource, require_scope, bearer_bound } = context.config;
    if (resource === '' || !metadataUrl(resource).endsWith(r.uri)) {
      return sendText(r, 404, 'Not found');
    }
    if (r.method !== 'GET' && r.method !== 'HEAD') {
      r.headersOut.Allow = 'GET, HEAD';
      return sendText(r, 405, 'Method not allowed');
    }
    const { issuer } = await providerMetadata(context);
    r.headersOut['Content-Type'] = 'application/json';
    r.headersOut['Cache-Control'] = 'public, max-age=300';
    r.headersOut['Access-Control-Allow-Origin'] = '*';
    r.return(200, resourceMetadata(resource, issuer, require_scope, bearer_bound));
  } catch (error) {
    sendErrorPage(r, error, '/');
  }
}
