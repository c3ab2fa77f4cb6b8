import type { Bound } from './access-token';
import { proofAlgorithms } from './dpop-proof';

/** What comes between the host and the path of a resource, where its metadata are (RFC 9728 section 3). */
const wellKnown = '/.well-known/oauth-protected-resource';

/** The address of a resource's metadata (RFC 9728 section 3.1): the well-known path between its host and its path. */
export function metadataUrl(resource: string): string {
  const [, origin = '', path = ''] = /^(https?:\/\/[^/?]+)(.*)$/.exec(resource) || [];
  return origin + wellKnown + (path === '/' ? '' : path);
}

/**
 * The metadata of a resource (RFC 9728 section 2).
 * @param scopes those that it asks for, as far as it is known
 * @param bound what tokens for it must be bound to
 */
export function resourceMetadata(resource: string, issuer: string, scopes: string[], bound: 'off' | Bound): string {
  const document: Record<string, unknown> = {
    resource,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
  };
  if (scopes.length > 0) {
    document.scopes_supported = scopes;
  }
  if (bound === 'dpop') {
    document.dpop_bound_access_tokens_required = true;
  }
  if (bound === 'dpop' || bound === 'any') {
    document.dpop_signing_alg_values_supported = proofAlgorithms;
  }
  if (bound === 'mtls' || bound === 'any') {
    document.tls_client_certificate_bound_access_tokens = true;
  }
  return `${JSON.stringify(document)}\n`;
}
