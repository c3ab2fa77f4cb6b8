import { oidcError } from './errors';
import { encodeForm, parseParameters } from './parameters';

export interface AuthorizationRequest {
  endpoint: string;
  clientId: string;
  redirectUri: string;
  /** Scopes separated by spaces. */
  scope: string;
  state: string;
  nonce: string;
  /** S256. */
  codeChallenge?: string;
  /** The thumbprint of the key that the tokens will be bound to (RFC 9449 section 10). */
  dpopJkt?: string;
  /** Who it may be; extraArgs count more. */
  loginHint?: string;
  /** More parameters, as a query string that is encoded already. */
  extraArgs?: string;
}

/**
 * The URL to send the browser to (OpenID Connect Core 3.1.2.1, RFC 7636 section 4.3).
 * @throws config_invalid when extraArgs are no query string, or replace a parameter of the protocol
 */
export function buildAuthorizationUrl(request: AuthorizationRequest): string {
  const pairs: [string, string][] = [
    ['response_type', 'code'],
    ['client_id', request.clientId],
    ['redirect_uri', request.redirectUri],
    ['scope', request.scope],
    ['state', request.state],
    ['nonce', request.nonce],
  ];
  if (request.codeChallenge) {
    pairs.push(['code_challenge', request.codeChallenge], ['code_challenge_method', 'S256']);
  }
  if (request.dpopJkt) {
    pairs.push(['dpop_jkt', request.dpopJkt]);
  }
  const extra = readExtra(
    request.extraArgs || '',
    pairs.map(([name]) => name),
  );
  if (request.loginHint !== undefined && extra.names.indexOf('login_hint') < 0) {
    pairs.push(['login_hint', request.loginHint]);
  }
  const query = encodeForm(pairs) + (extra.text === '' ? '' : `&${extra.text}`);
  return request.endpoint + (request.endpoint.indexOf('?') < 0 ? '?' : '&') + query;
}

const protocolOnly = ['response_mode', 'request', 'request_uri', 'code_challenge', 'code_challenge_method', 'dpop_jkt'];

function readExtra(args: string, own: string[]): { text: string; names: string[] } {
  const extra = args.replace(/^[?&]+/, '');
  const parameters = /^[\x21-\x7e]*$/.test(extra) && extra.indexOf('#') < 0 ? parseParameters(extra) : undefined;
  if (!parameters) {
    throw oidcError(
      'config_invalid',
      '$oidc_authz_extra_args is not an encoded query string, or names a parameter twice',
    );
  }
  const names = Object.keys(parameters);
  const taken = names.filter((name) => own.concat(protocolOnly).indexOf(name) >= 0);
  if (taken.length > 0) {
    throw oidcError('config_invalid', `$oidc_authz_extra_args must not set ${taken.join(', ')}`);
  }
  return { text: extra, names };
}
