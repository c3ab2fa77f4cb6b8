import { oidcError } from './errors';
import { type JsonObject, parseJsonObject, stringMember, stringsMember } from './json';
import { printable } from './text';

/** What the metadata of a provider say of registration (RFC 8414 section 2), which sign-ins have no use for. */
export interface RegistrationSupport {
  readonly registrationEndpoint: string;
  readonly grantTypes: string[];
  readonly idTokenAlgorithms: string[];
  readonly responseAlgorithms: string[];
}

/** What a site is, as far as the provider must know. */
export interface SiteToRegister {
  /** scheme://host[:port], without a slash at the end. */
  readonly baseUrl: string;
  /** '' or, of several providers, `/name`. */
  readonly suffix: string;
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string;
  readonly scopes: string[];
  readonly authMethod: string;
  /** Of client assertions, '' where it makes none. */
  readonly authSigningAlg: string;
  /** Its public keys, where it has any. */
  readonly keys: JsonObject[];
  readonly isPushed: boolean;
  /** Of request objects, '' where it signs none. */
  readonly requestSigningAlg: string;
  readonly wantsSignedResponse: boolean;
  readonly dpop: boolean;
  readonly mtls: boolean;
  /** What it verifies, in its order of preference. */
  readonly algorithms: string[];
  /** What must be encrypted for it, of `id_token`, `userinfo`, `response`; and how. */
  readonly encrypted: string[];
  readonly encryptionAlg: string;
  readonly backChannelLogout: boolean;
  readonly frontChannelLogout: boolean;
}

/**
 * Reads what the metadata say of registration.
 * @param allowHttp accepts an endpoint without TLS
 * @throws registration_failed where the provider has none, naming what to do instead
 */
export function registrationSupport(text: string, allowHttp: boolean): RegistrationSupport {
  const found = parseJsonObject(text) || {};
  const registrationEndpoint = stringMember(found, 'registration_endpoint');
  if (registrationEndpoint === undefined) {
    throw oidcError(
      'registration_failed',
      'the metadata of the provider name no registration_endpoint: register this site in its console; /_oidc_check shows the addresses to enter',
    );
  }
  if (
    !(allowHttp ? /^https?:\/\/./ : /^https:\/\/./).test(registrationEndpoint) ||
    /[^\x21-\x7e]/.test(registrationEndpoint)
  ) {
    throw oidcError(
      'registration_failed',
      `the registration_endpoint "${printable(registrationEndpoint, 200)}" is not an https URL`,
    );
  }
  return {
    registrationEndpoint,
    grantTypes: stringsMember(found, 'grant_types_supported') || [],
    idTokenAlgorithms: stringsMember(found, 'id_token_signing_alg_values_supported') || [],
    responseAlgorithms: stringsMember(found, 'authorization_signing_alg_values_supported') || [],
  };
}

/**
 * How a client that has no secret yet is to authenticate: as configured, by its key, or by a secret that it will be given.
 * @param supported the metadata's list, as far as there is one
 * @throws registration_failed where the provider takes neither a secret nor nothing
 */
export function methodToRegister(configured: string, hasKey: boolean, supported: string[] = []): string {
  if (configured !== '') {
    return configured.replace(/_unencoded$/, '');
  }
  if (hasKey) {
    return 'private_key_jwt';
  }
  const methods = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none'];
  const offered = methods.filter((name) => supported.length === 0 || supported.indexOf(name) >= 0)[0];
  if (offered === undefined) {
    throw oidcError(
      'registration_failed',
      `the provider offers ${printable(supported.join(', '), 200)}: set $oidc_client_keyfile for private_key_jwt, or $oidc_client_auth_method`,
    );
  }
  return offered;
}

/**
 * The client metadata of a site (RFC 7591 section 2, OpenID Connect Registration 1.0 section 2, and the standards of each
 * further member).
 * @param more members of the operator's, which replace those of the site; null removes one
 */
export function clientMetadata(site: SiteToRegister, support: RegistrationSupport, more: JsonObject): JsonObject {
  const { baseUrl, suffix, encryptionAlg } = site;
  const isHttps = baseUrl.startsWith('https:');
  const grants = ['authorization_code', 'refresh_token'];
  const responseAlg = site.wantsSignedResponse ? firstOf(site.algorithms, support.responseAlgorithms) : undefined;
  const isEncrypted = (what: string) => site.encrypted.indexOf(what) >= 0 || undefined;
  const metadata: JsonObject = {
    application_type: 'web',
    client_name: baseUrl.replace(/^https?:\/\//, ''),
    redirect_uris: [site.redirectUri],
    post_logout_redirect_uris: [site.postLogoutRedirectUri],
    response_types: ['code'],
    grant_types: grants.filter((name) => support.grantTypes.length === 0 || support.grantTypes.indexOf(name) >= 0),
    scope: site.scopes.join(' '),
    token_endpoint_auth_method: site.authMethod,
    token_endpoint_auth_signing_alg: site.authSigningAlg || undefined,
    id_token_signed_response_alg: firstOf(site.algorithms, support.idTokenAlgorithms),
    id_token_encrypted_response_alg: isEncrypted('id_token') && encryptionAlg,
    userinfo_encrypted_response_alg: isEncrypted('userinfo') && encryptionAlg,
    authorization_encrypted_response_alg: isEncrypted('response') && encryptionAlg,
    authorization_signed_response_alg: responseAlg,
    require_pushed_authorization_requests: site.isPushed || undefined,
    require_signed_request_object: site.requestSigningAlg !== '' || undefined,
    request_object_signing_alg: site.requestSigningAlg || undefined,
    dpop_bound_access_tokens: site.dpop || undefined,
    tls_client_certificate_bound_access_tokens: site.mtls || undefined,
    backchannel_logout_uri: site.backChannelLogout ? `${baseUrl}/back_channel_logout${suffix}` : undefined,
    backchannel_logout_session_required: site.backChannelLogout || undefined,
    frontchannel_logout_uri: site.frontChannelLogout ? `${baseUrl}/front_channel_logout${suffix}` : undefined,
    frontchannel_logout_session_required: site.frontChannelLogout || undefined,
    initiate_login_uri: isHttps ? `${baseUrl}/_oidc_login${suffix}` : undefined,
    // a provider fetches keys by https alone
    jwks_uri: site.keys.length > 0 && isHttps ? `${baseUrl}/_oidc_jwks${suffix}` : undefined,
    jwks: site.keys.length > 0 && !isHttps ? { keys: site.keys } : undefined,
  };
  if (more.jwks !== undefined) {
    metadata.jwks_uri = undefined; // one or the other (RFC 7591 section 2)
  }
  if (more.jwks_uri !== undefined) {
    metadata.jwks = undefined;
  }
  Object.keys(more).forEach((name) => {
    metadata[name] = more[name] === null ? undefined : more[name];
  });
  return JSON.parse(JSON.stringify(metadata)) as JsonObject; // without what is undefined
}

/** The first of ours that the other side has; of those it does not tell, our first. */
function firstOf(ours: string[], theirs: string[]): string | undefined {
  return theirs.length === 0 ? ours[0] : ours.filter((name) => theirs.indexOf(name) >= 0)[0];
}
