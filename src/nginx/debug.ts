import type { OidcError } from '../protocol/errors';

/** What an error page says of the cause where `$oidc_debug` is on; undefined where it is not. */
export function causeToShow(r: NginxHTTPRequest, { code, detail }: OidcError): string | undefined {
  const debug = r.variables.oidc_debug;
  return debug === '1' || debug === 'on' ? `${code}: ${detail}` : undefined;
}
