import { isFile, keysFromFile } from '../nginx/provider';
import { authenticate, chooseMethod } from '../protocol/client-authentication';
import { oidcError } from '../protocol/errors';
import { type VerifiedIdToken, validateIdToken } from '../protocol/id-token';
import { type Jwk, parseJwks } from '../protocol/jwks';
import { decodeJws, verifyJws } from '../protocol/jws';
import { encodeForm } from '../protocol/parameters';
import { parseTokenResponse, type TokenResponse } from '../protocol/token-response';
import type { PlusVisit } from './plus-visit';

/**
 * One call of the token endpoint. The location takes the client's Basic credentials from its argument `secret_basic`.
 * @throws what parseTokenResponse throws; provider_timeout
 */
export async function requestTokens(
  { r, config }: PlusVisit,
  location: '/_token' | '/_refresh',
  grant: [string, string][],
): Promise<TokenResponse> {
  const { client, client_secret } = config;
  const method = chooseMethod(config.client_auth_method, client_secret, undefined);
  const { authorization, body } = authenticate(method, client, client_secret);
  const options: NginxSubrequestOptions = { method: 'POST', body: encodeForm(grant.concat(body)) };
  if (authorization !== undefined) {
    options.args = `secret_basic=${authorization}`;
  }
  const reply = await r.subrequest(location, options);
  if (reply.status === 504) {
    throw oidcError('provider_timeout', `timeout waiting for the token endpoint (${location})`);
  }
  return parseTokenResponse(reply.status, reply.headersOut['Content-Type'] || '', reply.responseText || '');
}

/** Signature, then every claim; the keys come through /_jwks_uri and its cache, or from a file. */
export async function verifyIdToken(
  visit: PlusVisit,
  idToken: string,
  expected: { nonce?: string; accessToken: string; previous?: { iss: string; sub: string; nonce?: string } },
): Promise<VerifiedIdToken> {
  const { config, metadata } = visit;
  const jws = decodeJws(idToken);
  const verified = await verifyJws(jws, await keysOf(visit), { algorithms: config.id_token_algs });
  return validateIdToken(verified, {
    issuer: metadata.issuer,
    clientId: config.client,
    now: Math.floor(Date.now() / 1000),
    clockSkew: config.clock_skew,
    ...expected,
  });
}

async function keysOf({ r, metadata }: PlusVisit): Promise<Jwk[]> {
  if (isFile(metadata.jwks_uri)) {
    return keysFromFile(metadata.jwks_uri);
  }
  const reply = await r.subrequest('/_jwks_uri', { method: 'GET' });
  if (reply.status !== 200) {
    throw oidcError('jwks_failed', `${metadata.jwks_uri} answered ${reply.status}`);
  }
  return parseJwks(reply.responseText || '').filter((key) => key.kty !== 'oct');
}
