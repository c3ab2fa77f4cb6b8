import { readText, workerUser } from '../nginx/local-file';
import type { ProviderMetadata } from '../protocol/discovery';
import { oidcError } from '../protocol/errors';
import { type Jwk, parseJwks, weakKeys } from '../protocol/jwks';
import type { ProviderContext } from './context';
import { type PublishedDocument, publishedDocument, type Refetched, refetchedDocument } from './published-document';

/** The keys that an ID token of the provider may be signed with. */
export interface Keys {
  /** What HS256 and its like are verified with, for messages. */
  readonly secrets: string;
  get(): Promise<Jwk[]>;
  /** Newer ones than those, which did not do; or for how many seconds there are none. Undefined where they can't be newer. */
  refetch(used: Jwk[]): Promise<Refetched<Jwk[]> | undefined>;
}

export function providerKeys(context: ProviderContext, metadata: ProviderMetadata): Keys {
  const { config } = context;
  const secret = hmacKeys(config.client_secret, config.id_token_algs);
  const withSecret = (keys: Jwk[]) => (keys.some((key) => key.kty === 'oct') ? keys : keys.concat(secret));
  if (isFile(config.jwt_keyfile)) {
    return {
      secrets: 'the oct keys in the file of $oidc_jwt_keyfile, without one $oidc_client_secret',
      get: async () => withSecret(keysFromFile(config.jwt_keyfile)),
      refetch: async () => undefined,
    };
  }
  let areNew = false;
  const wanted: PublishedDocument<Jwk[]> = {
    name: 'keys',
    location: '/_jwks_uri',
    url: metadata.jwks_uri,
    parse: (text) => {
      const keys = parseJwks(text).filter((key) => key.kty !== 'oct'); // a published secret is none
      areNew = true;
      return keys;
    },
  };
  return {
    secrets: '$oidc_client_secret',
    get: async () => withSecret(await publishedDocument(context, wanted)),
    refetch: async (used) => {
      if (areNew) {
        return undefined; // fetched for this token
      }
      const published = used.filter((key) => key.kty !== 'oct');
      const newer = await refetchedDocument(context, wanted, published);
      return 'document' in newer ? { document: withSecret(newer.document) } : newer;
    },
  };
}

/** HS256 and its like are signed with the client secret, where the operator allows them in `$oidc_id_token_algs`. */
function hmacKeys(clientSecret: string, algorithms: string[]): Jwk[] {
  const allowed = clientSecret !== '' && algorithms.some((algorithm) => algorithm.startsWith('HS'));
  return allowed ? [{ kty: 'oct', k: Buffer.from(clientSecret).toString('base64url') }] : [];
}

/** Whether `$oidc_jwt_keyfile` is a path, not a URL. */
export const isFile = (keyfile: string) => keyfile !== '' && !/^https?:/.test(keyfile);

/** Throws jwks_failed, jwks_invalid, which name the file. */
export function keysFromFile(path: string): Jwk[] {
  try {
    const text = readText(path);
    const keys = parseJwks(text);
    const weak = weakKeys(text);
    if (keys.length === 0 && weak.length > 0) {
      const least = 'a secret has 16 bytes or more, an RSA key 2048 bits';
      throw oidcError('jwks_invalid', `too short a key: ${weak.join(', ')}; ${least}`);
    }
    return keys;
  } catch (error) {
    const { message, code, detail } = error as Error & { code?: string; detail?: string };
    throw code === 'jwks_invalid'
      ? oidcError('jwks_invalid', `$oidc_jwt_keyfile ${path}: ${detail}; put the provider's JWK set there`)
      : oidcError('jwks_failed', `$oidc_jwt_keyfile ${path}: ${message}; ${workerUser()} must be able to read it`);
  }
}
