import type { Config } from '../config/settings';
import { discoveryUrl, type ProviderMetadata, parseMetadata } from '../protocol/discovery';
import { isOidcError, oidcError } from '../protocol/errors';
import { type VerifiedIdToken, validateIdToken } from '../protocol/id-token';
import { issuerOfKeys } from '../protocol/issuer-of-keys';
import { type Jwk, parseJwks } from '../protocol/jwks';
import { decodeJws, verifyJws } from '../protocol/jws';
import type { Context } from './context';
import { readText, workerUser } from './local-file';
import { type PublishedDocument, publishedDocument, refetchedDocument } from './published-document';

/** The provider as configured: what discovery found, and over it whatever the operator set by hand. */
export async function providerMetadata(context: Context): Promise<ProviderMetadata> {
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
  const complete = config.authz_endpoint !== '' && config.token_endpoint !== '' && config.jwt_keyfile !== '';
  const found = complete ? { issuer: issuerByHand(config) } : await discover(context);
  return { ...found, ...byHand } as ProviderMetadata;
}

function discover(context: Context): Promise<ProviderMetadata> {
  const { issuer, insecure_http_provider } = context.config;
  return publishedDocument(context, {
    name: 'metadata',
    location: '/_discovery',
    url: discoveryUrl(issuer),
    parse: (text) => parseMetadata(text, issuer, insecure_http_provider),
  });
}

/** The configured issuer, or the one that the keys' URL tells. Throws config_invalid where neither does. */
export function issuerByHand({ issuer, jwt_keyfile }: Config): string {
  const known = issuer || issuerOfKeys(jwt_keyfile);
  if (known === undefined) {
    throw oidcError(
      'config_invalid',
      '$oidc_issuer is not set and cannot be told from $oidc_jwt_keyfile: set it to the "iss" of the ID tokens',
    );
  }
  return known;
}

/**
 * Verifies an ID token's signature against the provider's keys, then every claim. Keys that the cache does not have
 * yet are fetched at once, but not more often than the cache allows.
 * @throws id_token_signature, id_token_algorithm, id_token_invalid, unknown_key, jwks_failed, jwks_invalid
 */
export async function verifyIdToken(
  context: Context,
  metadata: ProviderMetadata,
  idToken: string,
  expected: { nonce?: string; accessToken?: string; previous?: { iss: string; sub: string; nonce?: string } },
): Promise<VerifiedIdToken> {
  const { config } = context;
  const jws = decodeJws(idToken);
  const options = { algorithms: config.id_token_algs };
  const keys = providerKeys(context, metadata);
  const verified = await keys.get().then((known) =>
    verifyJws(jws, known, options).catch(async (error) => {
      const renewed = isOidcError(error) && error.code === 'unknown_key' ? await keys.refetch() : undefined;
      if (!renewed) {
        throw error;
      }
      return verifyJws(jws, renewed, options);
    }),
  );
  return validateIdToken(verified, {
    issuer: metadata.issuer,
    clientId: config.client,
    now: Math.floor(Date.now() / 1000),
    clockSkew: config.clock_skew,
    ...expected,
  });
}

interface Keys {
  get(): Promise<Jwk[]>;
  refetch(): Promise<Jwk[] | undefined>;
}

function providerKeys(context: Context, metadata: ProviderMetadata): Keys {
  const { config } = context;
  const secret = hmacKeys(config.client_secret, config.id_token_algs);
  const withSecret = (keys: Jwk[]) => (keys.some((key) => key.kty === 'oct') ? keys : keys.concat(secret));
  if (isFile(config.jwt_keyfile)) {
    return { get: async () => withSecret(keysFromFile(config.jwt_keyfile)), refetch: async () => undefined };
  }
  const wanted: PublishedDocument<Jwk[]> = {
    name: 'keys',
    location: '/_jwks_uri',
    url: metadata.jwks_uri,
    parse: (text) => parseJwks(text).filter((key) => key.kty !== 'oct'), // a published secret is none
  };
  return {
    get: async () => withSecret(await publishedDocument(context, wanted)),
    refetch: async () => {
      const keys = await refetchedDocument(context, wanted);
      return keys && withSecret(keys);
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
    return parseJwks(readText(path));
  } catch (error) {
    const { message, code, detail } = error as Error & { code?: string; detail?: string };
    throw code === 'jwks_invalid'
      ? oidcError('jwks_invalid', `$oidc_jwt_keyfile ${path}: ${detail}; put the provider's JWK set there`)
      : oidcError('jwks_failed', `$oidc_jwt_keyfile ${path}: ${message}; ${workerUser()} must be able to read it`);
  }
}
