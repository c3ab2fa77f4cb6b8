import { issuerByHand } from '../config/issuer';
import { isMutualTls } from '../protocol/client-authentication';
import { discoveryUrl, type ProviderMetadata, parseMetadata } from '../protocol/discovery';
import type { ProviderContext } from './context';
import { publishedDocument } from './published-document';

/** The provider as configured: what discovery found, and over it whatever the operator set by hand. */
export async function providerMetadata(context: ProviderContext): Promise<ProviderMetadata> {
  const { config } = context;
  const byHand: Partial<ProviderMetadata> = {};
  const endpoint = (name: keyof ProviderMetadata & string, value: string) => {
    if (value !== '') {
      (byHand as Record<string, unknown>)[name] = value;
    }
  };
  endpoint('authorization_endpoint', config.authz_endpoint);
  endpoint('token_endpoint', config.token_endpoint);
  endpoint('jwks_uri', config.jwt_keyfile);
  endpoint('userinfo_endpoint', config.userinfo_endpoint);
  endpoint('end_session_endpoint', config.end_session_endpoint);
  endpoint('revocation_endpoint', config.revocation_endpoint);
  endpoint('introspection_endpoint', config.introspection_endpoint);
  endpoint('pushed_authorization_request_endpoint', config.par_endpoint);
  const complete = config.authz_endpoint !== '' && config.token_endpoint !== '' && config.jwt_keyfile !== '';
  const found = complete ? { issuer: issuerByHand(config) } : await discover(context);
  const { mtls_endpoint_aliases: aliases } = found as Partial<ProviderMetadata>;
  const usesCertificate = config.mtls || isMutualTls(config.client_auth_method);
  return { ...found, ...(usesCertificate ? aliases : {}), ...byHand } as ProviderMetadata;
}

function discover(context: ProviderContext): Promise<ProviderMetadata> {
  const { issuer, insecure_http_provider } = context.config;
  const inMetadata = issuerByHand(context.config);
  return publishedDocument(context, {
    name: 'metadata',
    location: '/_discovery',
    url: discoveryUrl(issuer),
    parse: (text) => parseMetadata(text, inMetadata, insecure_http_provider),
  });
}
