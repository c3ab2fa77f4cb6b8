import { encodeForm } from './parameters';

export type LogoutStyle = 'oidc' | 'cognito' | 'auth0';

/** The form of logout that a provider understands, as far as its issuer tells. */
export function logoutStyleOf(issuer: string): LogoutStyle {
  return /^https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\//.test(issuer) ? 'cognito' : 'oidc';
}

/** The longest that a request line may be with NGINX, Apache and others, with some room for the words around it. */
export const longestLogoutUrl = 8000;

/** The URL to send the browser to for signing out at the provider (OpenID Connect RP-Initiated Logout 1.0 section 2). */
export function buildLogoutUrl(request: {
  style: LogoutStyle;
  endpoint: string;
  clientId: string;
  postLogoutRedirectUri: string;
  idTokenHint?: string;
  /** Comes back unchanged from a provider that keeps to the standard; nothing here depends on it. */
  state?: string;
}): string {
  const returnName = { oidc: 'post_logout_redirect_uri', cognito: 'logout_uri', auth0: 'returnTo' }[request.style];
  const pairs: [string, string][] = [
    ['client_id', request.clientId],
    [returnName, request.postLogoutRedirectUri],
  ];
  if (request.style === 'oidc' && request.idTokenHint !== undefined) {
    pairs.push(['id_token_hint', request.idTokenHint]);
  }
  if (request.style === 'oidc' && request.state !== undefined) {
    pairs.push(['state', request.state]);
  }
  return request.endpoint + (request.endpoint.indexOf('?') < 0 ? '?' : '&') + encodeForm(pairs);
}
