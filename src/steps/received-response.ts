import { redirect } from '../browser/respond';
import { type AuthorizationResponse, errorText, parseAuthorizationResponse } from '../protocol/authorization-response';
import { oidcError } from '../protocol/errors';
import { parseParameters } from '../protocol/parameters';
import { printable } from '../protocol/text';
import { providerMetadata } from '../provider/metadata';
import { verifyResponse } from '../provider/verify-response';
import { openPosted, sealPosted } from '../session/posted-response';
import { type Context, createSiteContext } from '../visit/context';
import { useProviderOfAddress } from '../visit/providers';

/**
 * A response that comes as a form (Form Post Response Mode): the browser sends no cookie along, because another site makes
 * it post. So it is sent on, by an address of this site that has the response in it, sealed.
 * @throws callback_invalid
 */
export async function passOnPosted(r: NginxHTTPRequest): Promise<void> {
  useProviderOfAddress(r);
  const { config, realm } = createSiteContext(r);
  if (r.method !== 'POST' || !config.response_mode.startsWith('form_post')) {
    throw oidcError('callback_invalid', `${printable(r.method, 20)} instead of GET`);
  }
  const sealed = await sealPosted(r.requestText || '', realm, config.hmac_key);
  if (sealed === undefined) {
    throw oidcError('callback_invalid', `the form takes ${(r.requestText || '').length} bytes`);
  }
  redirect(r, `${r.uri}?posted=${sealed}`);
}

/** The response as it stands in the query; undefined where it is sealed there, or a JWT. Throws callback_invalid. */
export function plainResponse(query: string): AuthorizationResponse | undefined {
  return /(?:^|&)(?:response|posted)=/.test(query) ? undefined : parseAuthorizationResponse(query);
}

/**
 * What the provider answered: the plain response, the form that was posted before, or the JWT in either, whose signature
 * and claims then hold (JARM).
 * @throws callback_invalid, response_invalid, and what fetching keys throws
 */
export async function receivedResponse(
  context: Context,
  query: string,
  plain: AuthorizationResponse | undefined,
): Promise<AuthorizationResponse> {
  const { config, realm } = context;
  const mode = config.response_mode;
  const isJwt = mode.endsWith('jwt');
  if (plain && !isJwt) {
    return plain;
  }
  const { posted } = parseParameters(query) || {};
  const text = posted && mode.startsWith('form_post') ? await openPosted(posted, realm, config.hmac_key) : query;
  const jwt = parseParameters(text || '')?.response;
  if (!isJwt) {
    return parseAuthorizationResponse(text || '');
  }
  if (!jwt) {
    const said = plain && 'error' in plain ? `; it says ${errorText(plain.error, plain.errorDescription)}` : '';
    throw oidcError('callback_invalid', `not the one "response" that $oidc_response_mode ${mode} asks for${said}`);
  }
  return verifyResponse(context, await providerMetadata(context), jwt);
}
