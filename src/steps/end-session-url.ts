import { logWarning } from '../nginx/log';
import { authorizationUrl } from '../protocol/authorization-request';
import type { ProviderMetadata } from '../protocol/discovery';
import { buildLogoutUrl, logoutStyleOf, longestLogoutUrl } from '../protocol/logout-request';
import { randomToken } from '../protocol/random';
import type { Visit } from '../visit/visit';
import { newLogin } from './start-login';

/** Where the browser comes back to: `$oidc_logout_redirect` as a URL. */
export function logoutRedirect({ config, baseUrl }: Visit): string {
  return /^https?:/.test(config.logout_redirect) ? config.logout_redirect : baseUrl + config.logout_redirect;
}

/**
 * The URL that signs out at the provider, in the style that it wants (RP-Initiated Logout 1.0); undefined where it has
 * none.
 * @param idToken the session's last, as a hint; left out where no server would take a URL that long
 */
export async function endSessionUrl(
  visit: Visit,
  metadata: ProviderMetadata,
  idToken: string,
): Promise<string | undefined> {
  const { config } = visit;
  const endpoint = metadata.end_session_endpoint;
  if (!endpoint) {
    return undefined;
  }
  const style = config.logout_style || logoutStyleOf(metadata.issuer);
  if (style === 'cognito_login') {
    return authorizationUrl(endpoint, await newLogin(visit, metadata, '/'));
  }
  const request = {
    style,
    endpoint,
    clientId: config.client,
    postLogoutRedirectUri: logoutRedirect(visit),
    state: randomToken(16),
  };
  const url = buildLogoutUrl(config.logout_token_hint ? { ...request, idTokenHint: idToken } : request);
  if (url.length <= longestLogoutUrl) {
    return url;
  }
  const detail = `the sign-out URL with the ID token would take ${url.length} bytes, more than ${longestLogoutUrl}`;
  logWarning(visit.r, { code: 'hint_left_out', detail }, 'sent with the client id alone: the provider may ask back');
  return buildLogoutUrl(request);
}
