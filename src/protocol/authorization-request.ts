import { oidcError } from './errors';
import { encodeForm, parseParameters } from './parameters';
import { type StepUp, stepUpParameters } from './step-up';

export interface AuthorizationRequest {
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
  /** How the answer comes, where it is not in the query of the redirect URI. */
  responseMode?: string;
  /** Who it may be; extraArgs count more. */
  loginHint?: string;
  /** What the sign-in has to be; these count more than extraArgs. */
  stepUp?: StepUp & { prompt?: 'login' };
  /** More parameters, as a query string that is encoded already. */
  extraArgs?: string;
}

/**
 * What an authorization request says (OpenID Connect Core 3.1.2.1, RFC 7636 section 4.3).
 * @throws config_invalid when extraArgs are no query string, or replace a parameter of the protocol
 */
export function authorizationParameters(request: AuthorizationRequest): [string, string][] {
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
  if (request.responseMode) {
    pairs.push(['response_mode', request.responseMode]);
  }
  const extra = readExtra(
    request.extraArgs || '',
    pairs.map(([name]) => name),
  );
  if (request.loginHint !== undefined && extra.every(([name]) => name !== 'login_hint')) {
    pairs.push(['login_hint', request.loginHint]);
  }
  const { stepUp } = request;
  const asked = stepUp ? stepUpParameters(stepUp) : [];
  if (stepUp && stepUp.prompt) {
    asked.push(['prompt', stepUp.prompt]);
  }
  const isOther = ([name]: [string, string]) => asked.every(([own]) => own !== name);
  return pairs.concat(asked, extra.filter(isOther));
}

/** The URL to send the browser to. */
export function authorizationUrl(endpoint: string, pairs: [string, string][]): string {
  return endpoint + (endpoint.indexOf('?') < 0 ? '?' : '&') + encodeForm(pairs);
}

const protocolOnly = ['response_mode', 'request', 'request_uri', 'code_challenge', 'code_challenge_method', 'dpop_jkt'];

function readExtra(args: string, own: string[]): [string, string][] {
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
  return names.map((name) => [name, parameters[name] as string]);
}
