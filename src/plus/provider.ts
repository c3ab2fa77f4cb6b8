import { oidcError } from '../protocol/errors';
import { type Expected, type VerifiedIdToken, validateIdToken } from '../protocol/id-token';
import { type Jwk, parseJwks } from '../protocol/jwks';
import { decodeJws, type Jws, verifyJws } from '../protocol/jws';
import { logoutErrorOf, type VerifiedLogoutToken, validateLogoutToken } from '../protocol/logout-token';
import { encodeForm } from '../protocol/parameters';
import { tokensToRevoke } from '../protocol/revocation-request';
import { parseTokenResponse, type TokenResponse } from '../protocol/token-response';
import { clientAuthentication } from '../provider/client-authentication';
import { decrypted } from '../provider/decrypt';
import { isFile, keysFromFile } from '../provider/keys';
import { logWarning } from './log';
import type { PlusVisit } from './plus-visit';
import { plusVariables } from './variables';

/**
 * One call of the token endpoint.
 * @throws what parseTokenResponse throws; provider_timeout
 */
export async function requestTokens(
  visit: PlusVisit,
  location: '/_token' | '/_refresh',
  grant: [string, string][],
): Promise<TokenResponse> {
  const reply = await postAsClient(visit, location, grant);
  if (reply.status === 504) {
    throw oidcError('provider_timeout', `timeout waiting for the token endpoint (${location})`);
  }
  return parseTokenResponse(reply.status, reply.headersOut['Content-Type'] || '', reply.responseText || '');
}

/**
 * Revokes a session's tokens where `$oidc_revocation_endpoint` is set, which takes a location /_revoke (RFC 7009). A
 * failure is logged and ends nothing.
 */
export async function revokeTokens(
  visit: PlusVisit,
  tokens: { refreshToken: string; accessToken: string },
): Promise<void> {
  const { revocation_endpoint, revoke_access_token } = visit.config;
  for (const { name, form } of revocation_endpoint ? tokensToRevoke(tokens, revoke_access_token) : []) {
    const reply = await postAsClient(visit, '/_revoke', form);
    if (reply.status !== 200) {
      const detail = `the ${name} was not revoked: the provider answered ${reply.status}`;
      logWarning(visit.r, oidcError('token_request_failed', detail));
    }
  }
}

/** The location takes the client's Basic credentials from its argument `secret_basic`. */
async function postAsClient(
  { r, config, metadata }: PlusVisit,
  location: '/_token' | '/_refresh' | '/_revoke',
  pairs: [string, string][],
): Promise<NginxHTTPRequest> {
  const buildsBody = plusVariables(r).oidc_client_auth_method === undefined;
  const methods = buildsBody ? ['client_secret_post'] : undefined;
  const { authorization, body } = await clientAuthentication(config, metadata, methods);
  const form = pairs.concat(body);
  const options: NginxSubrequestOptions = { method: 'POST', body: encodeForm(form) };
  if (buildsBody) {
    options.args = argumentsFor(form);
  } else if (authorization !== undefined) {
    options.args = `secret_basic=${authorization}`;
  }
  return r.subrequest(location, options);
}

/**
 * Files of R31 and before have no `$oidc_client_auth_method`. Their /_token and /_refresh replace the body by one of
 * their own, which they complete from the arguments.
 */
function argumentsFor(form: [string, string][]): string {
  const inFile = ['grant_type', 'client_id', 'redirect_uri'];
  const rest = form.filter(([name]) => inFile.indexOf(name) < 0);
  return encodeForm(rest.map(([name, value]) => [name === 'refresh_token' ? 'token' : name, value]));
}

/** Signature, then every claim; the keys come through /_jwks_uri and its cache, or from a file. */
export async function verifyIdToken(
  visit: PlusVisit,
  idToken: string,
  expected: Pick<Expected, 'nonce' | 'accessToken' | 'previous'>,
): Promise<VerifiedIdToken> {
  const { config, metadata } = visit;
  const jws = decodeJws(await decrypted(config, idToken, 'ID token', 'id_token'));
  const verified = await verifyJws(jws, await keysOf(visit), { algorithms: config.id_token_algs });
  return validateIdToken(verified, {
    issuer: metadata.issuer,
    clientId: config.client,
    now: Math.floor(Date.now() / 1000),
    clockSkew: config.clock_skew,
    ...expected,
  });
}

/** The same for a logout token. Throws logout_invalid, jwks_failed, jwks_invalid. */
export async function verifyLogoutToken(visit: PlusVisit, jws: Jws): Promise<VerifiedLogoutToken> {
  const { config, metadata } = visit;
  const options = { algorithms: config.id_token_algs };
  const verified = await verifyJws(jws, await keysOf(visit), options).catch((error) => {
    throw logoutErrorOf(error);
  });
  return validateLogoutToken(verified, {
    issuer: metadata.issuer,
    clientId: config.client,
    now: Math.floor(Date.now() / 1000),
    clockSkew: config.clock_skew,
  });
}

/** The provider's public keys. Throws jwks_failed, jwks_invalid. */
export async function keysOf({ r, metadata }: PlusVisit): Promise<Jwk[]> {
  if (isFile(metadata.jwks_uri)) {
    return keysFromFile(metadata.jwks_uri);
  }
  const reply = await r.subrequest('/_jwks_uri', { method: 'GET' });
  if (reply.status !== 200) {
    throw oidcError('jwks_failed', `${metadata.jwks_uri} answered ${reply.status}`);
  }
  return parseJwks(reply.responseText || '').filter((key) => key.kty !== 'oct');
}
