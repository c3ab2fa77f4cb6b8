import type { Config } from '../config/settings';
import { type ClientAuthMethod, chooseMethod, isEncoded } from '../protocol/client-authentication';
import type { ProviderMetadata } from '../protocol/discovery';
import { isOidcError } from '../protocol/errors';
import type { Signer } from '../protocol/sign-jws';
import { printable } from '../protocol/text';
import { credentialsOf } from '../provider/client-authentication';
import { clientSigner } from '../provider/client-signer';
import { type Finding, finding } from './finding';

const about = 'client authentication';

/**
 * How the client authenticates at the token endpoint, and whether that fits what the provider offers.
 * @param metadata undefined where there are none
 */
export async function checkClientAuthentication(
  config: Config,
  metadata: Partial<ProviderMetadata> = {},
): Promise<Finding> {
  const { client, client_secret, client_auth_method } = config;
  const supported = metadata.token_endpoint_auth_methods_supported;
  let method: ClientAuthMethod;
  let signer: Signer | undefined;
  try {
    method = chooseMethod(client_auth_method, credentialsOf(config), supported);
    if (method === 'private_key_jwt') {
      signer = await clientSigner(config, metadata.token_endpoint_auth_signing_alg_values_supported);
    }
  } catch (error) {
    return finding('problem', about, isOidcError(error) ? error.detail : printable(String(error), 300));
  }
  const onTheWire = method === 'client_secret_basic_unencoded' ? 'client_secret_basic' : method;
  const mayBeRefused = supported && supported.length > 0 && supported.indexOf(onTheWire) < 0;
  if (mayBeRefused) {
    const value = `${method}, but the provider lists ${printable(supported.join(', '), 200)}`;
    return finding('warning', about, value, 'change $oidc_client_auth_method, or register the client for it there');
  }
  if (signer) {
    return finding('ok', about, `${method}, ${signer.alg} with key "${printable(String(signer.kid), 80)}"`);
  }
  const differs = isEncoded(client) || isEncoded(client_secret);
  if (differs && method === 'client_secret_basic') {
    const value = `${method}; id or secret have characters that are sent encoded (RFC 6749 2.3.1)`;
    const remedy = 'if it answers invalid_client: client_secret_post, or client_secret_basic_unencoded';
    return finding('info', about, value, remedy);
  }
  return differs && method === 'client_secret_basic_unencoded'
    ? finding('warning', about, `${method}: id and secret are sent as they are, against RFC 6749 2.3.1`)
    : finding('ok', about, method);
}
