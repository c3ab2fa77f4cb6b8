import { authorizationUrl } from '../protocol/authorization-request';
import type { ProviderMetadata } from '../protocol/discovery';
import { oidcError } from '../protocol/errors';
import { parsePushedResponse } from '../protocol/pushed-request';
import { randomToken } from '../protocol/random';
import { outside, requestObjectClaims } from '../protocol/request-object';
import { signJws } from '../protocol/sign-jws';
import { postAsClient } from './client-request';
import { clientSigner } from './client-signer';
import type { ProviderContext } from './context';

type Caller = Pick<ProviderContext, 'r' | 'config'>;

/**
 * The URL that brings a request to the authorization endpoint: as it is, signed (RFC 9101), or pushed before, so that the
 * browser carries a reference alone (RFC 9126); what the operator wants, or the provider requires. Or the reference is to
 * this site, where the provider fetches it (OpenID Connect Core 6.2).
 * @param addressOf of such a request
 * @throws config_invalid, pushed_request_failed, and what callProvider throws
 */
export async function authorizationRequestUrl(
  context: Caller,
  metadata: ProviderMetadata,
  pairs: [string, string][],
  addressOf: (pairs: [string, string][]) => Promise<string>,
): Promise<string> {
  const { par, signed_request } = context.config;
  const isSigned = asked(signed_request, metadata.require_signed_request_object);
  const isPushed = asked(par, metadata.require_pushed_authorization_requests);
  if (signed_request === 'by_reference') {
    checkReference(metadata, isPushed);
    const reference = pairs.filter(outside).concat([['request_uri', await addressOf(pairs)]]);
    return authorizationUrl(metadata.authorization_endpoint, reference);
  }
  const request = isSigned ? await signed(context, metadata, pairs, isPushed) : pairs;
  return authorizationUrl(
    metadata.authorization_endpoint,
    isPushed ? await pushed(context, metadata, request) : request,
  );
}

const asked = (setting: string, required: boolean | undefined) =>
  setting === 'on' || (setting === '' && required === true);

function checkReference(metadata: ProviderMetadata, isPushed: boolean): void {
  if (isPushed) {
    throw oidcError(
      'config_invalid',
      '$oidc_signed_request by_reference is for requests that are not pushed: set it to on, or leave it out',
    );
  }
  if (metadata.request_uri_parameter_supported === false) {
    throw oidcError(
      'config_invalid',
      'the provider fetches no requests (request_uri_parameter_supported): set $oidc_signed_request on, or leave it out',
    );
  }
}

async function signed(
  { config }: Caller,
  metadata: ProviderMetadata,
  pairs: [string, string][],
  isPushed: boolean,
): Promise<[string, string][]> {
  const object = await signRequest(config, metadata, pairs, randomToken(16), Math.floor(Date.now() / 1000));
  return pairs.filter((pair) => pair[0] === 'client_id' || (!isPushed && outside(pair))).concat([['request', object]]);
}

/**
 * A request object, signed by the client's key.
 * @param now seconds since 1970, when it was made
 * @throws config_invalid
 */
export async function signRequest(
  config: Caller['config'],
  metadata: ProviderMetadata,
  pairs: [string, string][],
  jti: string,
  now: number,
): Promise<string> {
  const signer = await clientSigner(config, metadata.request_object_signing_alg_values_supported);
  const claims = requestObjectClaims(pairs, metadata.issuer, jti, now);
  return signJws(signer, { typ: 'oauth-authz-req+jwt' }, claims);
}

async function pushed(
  context: Caller,
  metadata: ProviderMetadata,
  pairs: [string, string][],
): Promise<[string, string][]> {
  const endpoint = metadata.pushed_authorization_request_endpoint;
  if (!endpoint) {
    throw oidcError(
      'config_invalid',
      'the provider names no pushed_authorization_request_endpoint: set $oidc_par_endpoint, or leave $oidc_par out',
    );
  }
  const { status, text } = await postAsClient(context, metadata, '/_par', endpoint, pairs);
  return [
    ['client_id', context.config.client],
    ['request_uri', parsePushedResponse(status, text)],
  ];
}
