import { oidcError } from './errors';
import { encodeValue } from './parameters';

export type ClientAuthMethod = 'client_secret_basic' | 'client_secret_post' | 'none';

/**
 * The method to use (OpenID Connect Core section 9).
 * @param configured what the operator chose, '' for nothing
 * @param supported the metadata's list; basic is the standard's default where there is none
 * @throws config_invalid when a method that needs a secret is chosen without one
 */
export function chooseMethod(
  configured: ClientAuthMethod | '',
  secret: string,
  supported?: string[],
): ClientAuthMethod {
  if (configured !== '') {
    if (configured !== 'none' && secret === '') {
      throw oidcError('config_invalid', `$oidc_client_auth_method ${configured} needs $oidc_client_secret`);
    }
    return configured;
  }
  if (secret === '') {
    return 'none';
  }
  const offers = (method: string) => !supported || supported.indexOf(method) >= 0;
  return !offers('client_secret_basic') && offers('client_secret_post') ? 'client_secret_post' : 'client_secret_basic';
}

/** What authenticates the client: a header, or parameters for the form (RFC 6749 section 2.3.1). */
export interface ClientAuthentication {
  authorization?: string;
  body: [string, string][];
}

export function authenticate(method: ClientAuthMethod, clientId: string, secret: string): ClientAuthentication {
  if (method === 'client_secret_basic') {
    const credentials = `${encodeValue(clientId)}:${encodeValue(secret)}`;
    return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}`, body: [] };
  }
  const id: [string, string] = ['client_id', clientId];
  return { body: method === 'none' ? [id] : [id, ['client_secret', secret]] };
}
