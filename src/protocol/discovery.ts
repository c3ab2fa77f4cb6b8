import { oidcError } from './errors';
import { isJsonObject, type JsonObject, parseJsonObject, stringMember, stringsMember } from './json';
import { printable } from './text';

/** What is used of the provider's metadata (OpenID Connect Discovery 1.0 section 3). */
export interface ProviderMetadata {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  jwks_uri: string;
  userinfo_endpoint?: string;
  end_session_endpoint?: string;
  revocation_endpoint?: string;
  introspection_endpoint?: string;
  pushed_authorization_request_endpoint?: string;
  scopes_supported?: string[];
  acr_values_supported?: string[];
  token_endpoint_auth_methods_supported?: string[];
  token_endpoint_auth_signing_alg_values_supported?: string[];
  dpop_signing_alg_values_supported?: string[];
  response_modes_supported?: string[];
  /** Where a client with a certificate goes (RFC 8705 section 5). */
  mtls_endpoint_aliases?: Partial<Record<AliasedEndpoint, string>>;
  request_object_signing_alg_values_supported?: string[];
  authorization_response_iss_parameter_supported?: boolean;
  require_pushed_authorization_requests?: boolean;
  require_signed_request_object?: boolean;
  /** Where it is left out, the provider fetches requests (Discovery section 3). */
  request_uri_parameter_supported?: false;
  frontchannel_logout_supported?: boolean;
  backchannel_logout_supported?: boolean;
}

const requiredEndpoints = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;
const flags = [
  'authorization_response_iss_parameter_supported',
  'frontchannel_logout_supported',
  'backchannel_logout_supported',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
] as const;
const lists = [
  'scopes_supported',
  'acr_values_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'dpop_signing_alg_values_supported',
  'response_modes_supported',
  'request_object_signing_alg_values_supported',
] as const;
/** What may have an address of its own for clients with a certificate. */
const aliasedEndpoints = [
  'token_endpoint',
  'userinfo_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'pushed_authorization_request_endpoint',
] as const;
export type AliasedEndpoint = (typeof aliasedEndpoints)[number];
const optionalEndpoints = [
  'userinfo_endpoint',
  'end_session_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'pushed_authorization_request_endpoint',
] as const;

/** OpenID Connect Discovery 1.0 section 4.1. */
export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

/**
 * Checks a metadata document and keeps what is used of it.
 * @param issuer the configured one, which the document must repeat to the letter
 * @param allowHttp accepts endpoints without TLS
 * @throws discovery_invalid
 */
export function parseMetadata(text: string, issuer: string, allowHttp = false): ProviderMetadata {
  const found = parseJsonObject(text);
  if (!found) {
    throw oidcError('discovery_invalid', `${discoveryUrl(issuer)} is not a JSON object`);
  }
  if (found.issuer !== issuer) {
    const said = printable(stringMember(found, 'issuer') || typeof found.issuer, 200);
    throw oidcError(
      'discovery_invalid',
      `the metadata of ${issuer} says issuer "${said}": set $oidc_issuer to what is right`,
    );
  }
  const metadata: JsonObject = { issuer };
  for (const name of requiredEndpoints) {
    metadata[name] = endpoint(found, name, allowHttp);
    if (metadata[name] === undefined) {
      throw oidcError('discovery_invalid', `the metadata of ${issuer} has no ${name}`);
    }
  }
  for (const name of optionalEndpoints) {
    keep(metadata, name, endpoint(found, name, allowHttp));
  }
  for (const name of lists) {
    keep(metadata, name, stringsMember(found, name));
  }
  if (isJsonObject(found.mtls_endpoint_aliases)) {
    const aliases: JsonObject = {};
    for (const name of aliasedEndpoints) {
      keep(aliases, name, endpoint(found.mtls_endpoint_aliases, name, allowHttp));
    }
    metadata.mtls_endpoint_aliases = aliases;
  }
  for (const name of flags) {
    keep(metadata, name, found[name] === true ? true : undefined);
  }
  keep(
    metadata,
    'request_uri_parameter_supported',
    found.request_uri_parameter_supported === false ? false : undefined,
  );
  return metadata as unknown as ProviderMetadata;
}

function keep(metadata: JsonObject, name: string, value: unknown): void {
  if (value !== undefined) {
    metadata[name] = value;
  }
}

function endpoint(found: JsonObject, name: string, allowHttp: boolean): string | undefined {
  const url = stringMember(found, name);
  if (
    url !== undefined &&
    !(allowHttp ? /^https?:\/\/[\x21\x22\x24-\x7e]+$/ : /^https:\/\/[\x21\x22\x24-\x7e]+$/).test(url)
  ) {
    throw oidcError('discovery_invalid', `${name} "${printable(url, 200)}" is not an https URL`);
  }
  return url;
}
