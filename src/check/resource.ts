import type { Config } from '../config/settings';
import { parseJsonObject } from '../protocol/json';
import { metadataUrl } from '../protocol/protected-resource';
import { providerMetadata } from '../provider/metadata';
import { sharedDictStore } from '../store/shared-dict';
import { type Finding, finding } from './finding';

const remedy =
  'uncomment it in frontend.conf: location /.well-known/oauth-protected-resource { auth_request off; js_content oidc.protectedResource; }';

/** Whether the metadata of `$oidc_resource` are where clients look for them (RFC 9728 section 3). */
export async function checkResource(r: NginxHTTPRequest, config: Config): Promise<Finding[]> {
  const { resource } = config;
  if (resource === '') {
    return [];
  }
  const url = metadataUrl(resource);
  try {
    // Their handler cannot ask the provider itself: a subrequest makes none.
    const cache = sharedDictStore('oidc_provider');
    await providerMetadata({ r, config, cache, now: Math.floor(Date.now() / 1000) });
  } catch {
    return []; // what is wrong with the provider is said elsewhere
  }
  const reply = await r.subrequest(url.replace(/^https?:\/\/[^/]+/, ''), { method: 'GET' });
  const said = parseJsonObject(reply.responseText || '');
  return said && said.resource === resource
    ? [finding('ok', 'resource metadata', url)]
    : [finding('problem', 'resource metadata', `${url} does not answer with those of $oidc_resource`, remedy)];
}
