import { issuerByHand } from '../config/issuer';
import { discoveryUrl, type ProviderMetadata, parseMetadata } from '../protocol/discovery';
import { oidcError } from '../protocol/errors';
import { type RegistrationSupport, registrationSupport } from '../protocol/registration-request';
import { callProvider, type ProviderAnswer, type ProviderRequest } from './call';
import type { ProviderContext } from './context';

type Caller = Pick<ProviderContext, 'r' | 'config'>;

/**
 * The metadata of a provider that takes registrations, as they are now.
 * @throws registration_failed where it takes none; discovery_failed, and what callProvider and parseMetadata throw
 */
export async function registeringProvider(
  context: Caller,
): Promise<{ metadata: ProviderMetadata; support: RegistrationSupport }> {
  const { issuer, insecure_http_provider: allowHttp } = context.config;
  if (issuer === '') {
    throw oidcError('registration_failed', '$oidc_issuer is not set: the endpoint for registrations is found by it');
  }
  const url = discoveryUrl(issuer);
  const { status, text } = await callProvider(context, '/_discovery', url);
  if (status !== 200) {
    throw oidcError('discovery_failed', `${url} answered ${status}`);
  }
  const metadata = parseMetadata(text, issuerByHand(context.config), allowHttp);
  return { metadata, support: registrationSupport(text, allowHttp) };
}

/**
 * Calls an endpoint for registrations (RFC 7591, RFC 7592).
 * @param token of the operator's, '' for none: of the registration, or of the client
 */
export function callRegistration(
  context: Caller,
  url: string,
  token: string,
  request: Pick<ProviderRequest, 'json' | 'method'>,
): Promise<ProviderAnswer> {
  context.r.variables.oidc_provider_content = 'application/json';
  const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
  return callProvider(context, '/_registration', url, { ...request, ...authorization });
}
