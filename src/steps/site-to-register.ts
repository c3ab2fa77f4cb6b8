import type { Config } from '../config/settings';
import type { ProviderMetadata } from '../protocol/discovery';
import { ed25519Verifier } from '../protocol/ed25519';
import { methodToRegister, type SiteToRegister } from '../protocol/registration-request';
import { clientJwks } from '../provider/client-jwks';
import { clientKeys } from '../provider/client-keys';
import { clientSigner } from '../provider/client-signer';
import { redirectUri, type Visit } from '../visit/visit';
import { logoutRedirect } from './end-session-url';

/**
 * This site as its settings have it, for the provider to register.
 * @throws config_invalid where the settings cannot be; registration_failed where the provider takes no such client
 */
export async function siteToRegister(visit: Visit, metadata: ProviderMetadata): Promise<SiteToRegister> {
  const { config, baseUrl } = visit;
  const { token_endpoint_auth_methods_supported: methods, scopes_supported: offered } = metadata;
  const authMethod = methodToRegister(config.client_auth_method, config.client_keyfile.length > 0, methods);
  const isSigned = config.signed_request === 'on' || metadata.require_signed_request_object === true;
  const hasBackChannel = metadata.backchannel_logout_supported === true;
  return {
    baseUrl,
    suffix: config.provider && `/${config.provider}`,
    redirectUri: redirectUri(visit),
    postLogoutRedirectUri: logoutRedirect(visit),
    scopes: config.scopes.filter((scope) => scope !== 'offline_access' || !offered || offered.indexOf(scope) >= 0),
    authMethod,
    authSigningAlg:
      authMethod === 'private_key_jwt'
        ? (await clientSigner(config, metadata.token_endpoint_auth_signing_alg_values_supported)).alg
        : '',
    keys: (await clientJwks(config, metadata)).keys,
    isPushed: config.par === 'on' || metadata.require_pushed_authorization_requests === true,
    requestSigningAlg: isSigned
      ? (await clientSigner(config, metadata.request_object_signing_alg_values_supported)).alg
      : '',
    wantsSignedResponse: config.response_mode.endsWith('jwt'),
    dpop: config.dpop,
    mtls: config.mtls || /tls_client_auth$/.test(authMethod),
    algorithms: config.id_token_algs.filter((name) => !/^Ed/.test(name) || ed25519Verifier() !== undefined),
    ...encryption(config),
    backChannelLogout: hasBackChannel,
    frontChannelLogout: !hasBackChannel && metadata.frontchannel_logout_supported === true,
  };
}

/** What must be encrypted, to the first key: so that the provider does it. */
function encryption({ decryption_keyfile, require_encryption }: Config) {
  const key = clientKeys('oidc_decryption_keyfile', decryption_keyfile)[0];
  const byKind = key?.kty === 'EC' ? 'ECDH-ES' : 'RSA-OAEP';
  return { encrypted: key ? require_encryption : [], encryptionAlg: key?.alg || byKind };
}
