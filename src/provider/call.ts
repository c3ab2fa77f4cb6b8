import type { CallOutcome, Endpoint } from '../nginx/metric-table';
import { countCall } from '../nginx/metrics';
import { within } from '../nginx/timers';
import { isOidcError, oidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import type { ProviderContext } from './context';

/** A location of openid_connect.server_conf that passes a call on to the provider. */
export type ProviderLocation = `/_${Endpoint}`;

export interface ProviderAnswer {
  status: number;
  contentType: string;
  /** The Date header, '' without one. */
  date: string;
  text: string;
  /** Its DPoP-Nonce and WWW-Authenticate headers, '' without them. */
  dpopNonce: string;
  challenge: string;
}

/** What to send: a form makes it a POST; without one it is a GET, unless something else is said. */
export interface ProviderRequest {
  form?: string;
  /** For `/_registration`. */
  json?: string;
  method?: 'POST' | 'PUT' | 'DELETE';
  authorization?: string;
  /** A proof of the key that tokens are bound to. */
  dpop?: string;
}

/**
 * Calls the provider through NGINX and waits at most `$oidc_provider_timeout` seconds in all.
 * @returns any answer that the provider gave in full, also an error answer
 * @throws provider_unreachable, provider_timeout, token_response_invalid (compressed or cut off)
 */
export async function callProvider(
  context: Pick<ProviderContext, 'r' | 'config'>,
  location: ProviderLocation,
  url: string,
  request: ProviderRequest = {},
): Promise<ProviderAnswer> {
  const { r, config } = context;
  if (!/^https?:\/\/[^\s\x00-\x20\x7f]+$/.test(url)) {
    throw oidcError('config_invalid', `${location}: "${printable(url, 200)}" is not a URL`);
  }
  r.variables.oidc_provider_url = url;
  r.variables.oidc_provider_authorization = request.authorization || '';
  r.variables.oidc_provider_dpop = request.dpop || '';
  const body = request.json === undefined ? request.form : request.json;
  const options: NginxSubrequestOptions =
    body === undefined ? { method: request.method || 'GET' } : { method: request.method || 'POST', body };
  const began = Date.now();
  let outcome: CallOutcome = 'unreachable';
  try {
    const reply = await within(config.provider_timeout * 1000, r.subrequest(location, options));
    if (reply === undefined) {
      throw oidcError('provider_timeout', `${url} did not answer within ${config.provider_timeout} s`);
    }
    const answer = check(reply, url);
    outcome = classOf(answer.status);
    return answer;
  } catch (error) {
    if (isOidcError(error) && error.code === 'provider_timeout') {
      outcome = 'timeout';
    }
    throw error;
  } finally {
    countCall(location.slice(2) as Endpoint, outcome, (Date.now() - began) / 1000);
  }
}

function classOf(status: number): CallOutcome {
  const name = `${Math.floor(status / 100)}xx`;
  return name === '2xx' || name === '3xx' || name === '4xx' || name === '5xx' ? name : 'other';
}

function check(reply: NginxHTTPRequest, url: string): ProviderAnswer {
  const text = reply.responseText || '';
  if (reply.status === 502 || reply.status === 504) {
    const code = reply.status === 502 ? 'provider_unreachable' : 'provider_timeout';
    throw oidcError(code, `${url} answered ${reply.status} or could not be reached: see the lines above`);
  }
  const encoding = reply.headersOut['Content-Encoding'];
  if (encoding && encoding !== 'identity') {
    throw oidcError('provider_unreachable', `${url} answered compressed (${printable(encoding, 20)}), unasked`);
  }
  const length = Number(reply.headersOut['Content-Length']);
  if (length > Buffer.byteLength(text)) {
    throw oidcError('provider_unreachable', `${url}: the answer was cut off`);
  }
  const date = reply.variables.upstream_http_date || '';
  const header = (name: string) => String(reply.headersOut[name] || '');
  return {
    status: reply.status,
    contentType: header('Content-Type'),
    date,
    text,
    dpopNonce: header('DPoP-Nonce'),
    challenge: header('WWW-Authenticate'),
  };
}
