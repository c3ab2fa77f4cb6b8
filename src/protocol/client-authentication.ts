import { oidcError } from './errors';
import { encodeValue } from './parameters';
import { printable } from './text';

export type ClientAuthMethod =
  | 'client_secret_basic'
  | 'client_secret_basic_unencoded'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'
  | 'none';

export interface ClientCredentials {
  readonly id: string;
  /** '' for a public client, or one with a key. */
  readonly secret: string;
  /** Whether there are files with private keys. */
  readonly hasKey?: boolean;
}

/**
 * The method to use (OpenID Connect Core section 9, RFC 8705). Without a choice of the operator it is private_key_jwt
 * where there is a key; with a secret basic, which is the standard's default; post where only that is offered, or where
 * both are and basic would change id or secret on the way: not every provider decodes them.
 * @param configured what the operator chose, '' for nothing
 * @param supported the metadata's list, as far as there is one
 * @throws config_invalid when a method is chosen without what it needs, or when the provider offers none that takes a
 *   secret
 */
export function chooseMethod(
  configured: ClientAuthMethod | '',
  { id, secret, hasKey = false }: ClientCredentials,
  supported: string[] = [],
): ClientAuthMethod {
  if (configured !== '') {
    const lacks =
      (configured.startsWith('client_secret_') && secret === '' && '$oidc_client_secret') ||
      (configured === 'private_key_jwt' && !hasKey && '$oidc_client_keyfile');
    if (lacks) {
      throw oidcError('config_invalid', `$oidc_client_auth_method ${configured} needs ${lacks}`);
    }
    if (configured === 'client_secret_basic_unencoded' && id.indexOf(':') >= 0) {
      throw oidcError('config_invalid', `$oidc_client_auth_method ${configured} cannot tell an id with ":"`);
    }
    return configured;
  }
  if (hasKey) {
    return 'private_key_jwt';
  }
  if (secret === '') {
    return 'none';
  }
  const offers = (method: string) => supported.indexOf(method) >= 0;
  if (offers('client_secret_post') && (!offers('client_secret_basic') || isEncoded(id) || isEncoded(secret))) {
    return 'client_secret_post';
  }
  if (supported.length > 0 && !offers('client_secret_basic')) {
    if (offers('client_secret_jwt')) {
      return 'client_secret_jwt';
    }
    throw oidcError(
      'config_invalid',
      `the provider takes no client secret: its token endpoint offers ${printable(supported.join(', '), 200)}. Set $oidc_client_keyfile for private_key_jwt, or register the client there for client_secret_basic or client_secret_post; if its metadata are wrong, set $oidc_client_auth_method`,
    );
  }
  return 'client_secret_basic';
}

/** Whether NGINX shows its certificate to the provider (RFC 8705 section 2). */
export const isMutualTls = (method: string) => /tls_client_auth$/.test(method);

/** Whether a text looks another way in HTTP Basic, if the form encoding of RFC 6749 section 2.3.1 is applied to it. */
export const isEncoded = (text: string) => encodeValue(text) !== text;

/** What authenticates the client: a header, or parameters for the form (RFC 6749 section 2.3.1). */
export interface ClientAuthentication {
  authorization?: string;
  body: [string, string][];
}

/**
 * @param assertion for the methods that sign: the JWT (RFC 7523 section 2.2)
 */
export function authenticate(
  method: ClientAuthMethod,
  { id, secret }: ClientCredentials,
  assertion = '',
): ClientAuthentication {
  if (method === 'client_secret_basic') {
    return { authorization: basic(encodeValue(id), encodeValue(secret)), body: [] };
  }
  if (method === 'client_secret_basic_unencoded') {
    return { authorization: basic(id, secret), body: [] };
  }
  const body: [string, string][] = [['client_id', id]];
  if (method === 'client_secret_post') {
    body.push(['client_secret', secret]);
  } else if (method === 'private_key_jwt' || method === 'client_secret_jwt') {
    body.push(['client_assertion_type', jwtBearer], ['client_assertion', assertion]);
  }
  return { body };
}

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** For how long an assertion holds: it is used at once (s). */
const assertionLifetime = 60;

/**
 * The claims of an assertion (RFC 7523 section 3). The audience is one text: a provider that takes a list could be shown
 * one that names another, too.
 * @param now seconds since 1970
 */
export function assertionClaims(id: string, audience: string, jti: string, now: number) {
  return { iss: id, sub: id, aud: audience, jti, iat: now, exp: now + assertionLifetime };
}

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}
