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
 * browser carries a reference alone (RFC 9126); what the operator wants, or the provider requires.
 * @throws config_invalid, pushed_request_failed, and what callProvider throws
 */
export async function authorizationRequestUrl(
  context: Caller,
  metadata: ProviderMetadata,
  pairs: [string, string][],
): Promise<string> {
  const { par, signed_request } = context.config;
  const isSigned = asked(signed_request, metadata.require_signed_request_object);
  const isPushed = asked(par, metadata.require_pushed_authorization_requests);
  const request = isSigned ? await signed(context, metadata, pairs, isPushed) : pairs;
  return authorizationUrl(
    metadata.authorization_endpoint,
    isPushed ? await pushed(context, metadata, request) : request,
  );
}

const asked = (setting: string, required: boolean | undefined) =>
  setting === 'on' || (setting === '' && required === true);

async function signed(
  { config }: Caller,
  metadata: ProviderMetadata,
  pairs: [string, string][],
  isPushed: boolean,
): Promise<[string, string][]> {
  const signer = await clientSigner(config, metadata.request_object_signing_alg_values_supported);
  const claims = requestObjectClaims(pairs, metadata.issuer, randomToken(16), Math.floor(Date.now() / 1000));
  const object = await signJws(signer, { typ: 'oauth-authz-req+jwt' }, claims);
  return pairs.filter((pair) => pair[0] === 'client_id' || (!isPushed && outside(pair))).concat([['request', object]]);
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
