// A signed request that the provider fetches here (OpenID Connect Core 6.2): its address has all of it that the
// configuration does not say.

import hashes from 'crypto';
import { type AuthorizationRequest, authorizationParameters } from '../protocol/authorization-request';
import type { ProviderMetadata } from '../protocol/discovery';
import { oidcError } from '../protocol/errors';
import { beyondUsual, requestLifetime, withUsual } from '../protocol/request-object';
import { signRequest } from '../provider/authorization-request';
import { openRequest, sealRequest } from '../session/hosted-request';
import { redirectUri, type Visit } from '../visit/visit';

/** The longest address of a request, in characters (OpenID Connect Core 6.2). */
const longest = 512;

/** What each authorization request of this site says. */
export function usualRequest(visit: Visit, metadata: ProviderMetadata): Omit<AuthorizationRequest, 'state' | 'nonce'> {
  const { config } = visit;
  return {
    clientId: config.client,
    redirectUri: redirectUri(visit),
    scope: scopeFor(config.scopes, metadata),
    responseMode: config.response_mode,
    extraArgs: config.authz_extra_args,
  };
}

/** Providers that list their scopes without offline_access refuse it, and give refresh tokens without it. */
function scopeFor(scopes: string[], metadata: ProviderMetadata): string {
  const supported = metadata.scopes_supported;
  const refused = (scope: string) => scope === 'offline_access' && supported && supported.indexOf(scope) < 0;
  const asked = scopes.filter((scope) => !refused(scope));
  return (asked.indexOf('openid') < 0 ? ['openid'].concat(asked) : asked).join(' ');
}

/** With a value for what differs from login to login. */
function usualParameters(visit: Visit, metadata: ProviderMetadata): [string, string][] {
  const challenge = visit.config.pkce_enable ? { codeChallenge: '-' } : {};
  return authorizationParameters({ ...usualRequest(visit, metadata), state: '', nonce: '', ...challenge });
}

/**
 * The `request_uri` of a request of this visit.
 * @throws config_invalid where it is too long
 */
export async function requestAddress(
  visit: Visit,
  metadata: ProviderMetadata,
  pairs: [string, string][],
): Promise<string> {
  const { config, baseUrl, realm, now } = visit;
  const beyond = beyondUsual(pairs, usualParameters(visit, metadata));
  const sealed = await sealRequest({ pairs: beyond, began: now }, realm, config.hmac_key);
  const address = `${baseUrl}/_oidc_request${config.provider && `/${config.provider}`}?sealed=${sealed}`;
  if (address.length > longest) {
    throw oidcError(
      'config_invalid',
      `the address of the signed request has ${address.length} characters, and ${longest} are the most (OpenID Connect Core 6.2): set $oidc_signed_request on, or ask for less in $oidc_acr_values and the link's login_hint`,
    );
  }
  return address;
}

/**
 * The signed request that such an address stands for; the same at each call, but for its signature.
 * @throws login_expired, config_invalid
 */
export async function requestAt(visit: Visit, metadata: ProviderMetadata, sealed: string): Promise<string> {
  const { config, realm, now } = visit;
  const found = await openRequest(sealed, realm, config.hmac_key, now);
  if (!found) {
    throw oidcError(
      'login_expired',
      `what asks for a signed request names none that was made here within ${requestLifetime} s`,
    );
  }
  const pairs = withUsual(found.pairs, usualParameters(visit, metadata));
  const jti = hashes.createHash('sha256').update(sealed).digest('base64url').slice(0, 22);
  return signRequest(config, metadata, pairs, jti, found.began);
}
