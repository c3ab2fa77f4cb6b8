import { oidcError } from './errors';
import { encodeValue } from './parameters';
import { printable } from './text';

export type ClientAuthMethod = 'client_secret_basic' | 'client_secret_basic_unencoded' | 'client_secret_post' | 'none';

export interface ClientCredentials {
  readonly id: string;
  /** '' for a public client. */
  readonly secret: string;
}

/**
 * The method to use (OpenID Connect Core section 9). Without a choice of the operator it is basic, which is the
 * standard's default; post where only that is offered, or where both are and basic would change id or secret on the
 * way: not every provider decodes them.
 * @param configured what the operator chose, '' for nothing
 * @param supported the metadata's list, as far as there is one
 * @throws config_invalid when a method that needs a secret is chosen without one, or when the provider offers none
 *   that takes a secret
 */
export function chooseMethod(
  configured: ClientAuthMethod | '',
  { id, secret }: ClientCredentials,
  supported: string[] = [],
): ClientAuthMethod {
  if (configured !== '') {
    if (configured !== 'none' && secret === '') {
      throw oidcError('config_invalid', `$oidc_client_auth_method ${configured} needs $oidc_client_secret`);
    }
    if (configured === 'client_secret_basic_unencoded' && id.indexOf(':') >= 0) {
      throw oidcError('config_invalid', `$oidc_client_auth_method ${configured} cannot tell an id with ":"`);
    }
    return configured;
  }
  if (secret === '') {
    return 'none';
  }
  const offers = (method: string) => supported.indexOf(method) >= 0;
  if (offers('client_secret_post') && (!offers('client_secret_basic') || isEncoded(id) || isEncoded(secret))) {
    return 'client_secret_post';
  }
  if (supported.length > 0 && !offers('client_secret_basic')) {
    throw oidcError(
      'config_invalid',
      `the provider takes no client secret as it is: its token endpoint offers ${printable(supported.join(', '), 200)}, of which none is known here. Register the client there for client_secret_basic or client_secret_post; if its metadata are wrong, set $oidc_client_auth_method`,
    );
  }
  return 'client_secret_basic';
}

/** Whether a text looks another way in HTTP Basic, if the form encoding of RFC 6749 section 2.3.1 is applied to it. */
export const isEncoded = (text: string) => encodeValue(text) !== text;

/** What authenticates the client: a header, or parameters for the form (RFC 6749 section 2.3.1). */
export interface ClientAuthentication {
  authorization?: string;
  body: [string, string][];
}

export function authenticate(method: ClientAuthMethod, { id, secret }: ClientCredentials): ClientAuthentication {
  if (method === 'client_secret_basic') {
    return { authorization: basic(encodeValue(id), encodeValue(secret)), body: [] };
  }
  if (method === 'client_secret_basic_unencoded') {
    return { authorization: basic(id, secret), body: [] };
  }
  const named: [string, string] = ['client_id', id];
  return { body: method === 'none' ? [named] : [named, ['client_secret', secret]] };
}

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}
