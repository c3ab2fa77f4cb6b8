import { isOidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import { everyContext, nameInAddress, providerNames, useProvider } from '../visit/providers';
import { type Finding, finding } from './finding';

/** The providers to look at: the one of `?provider=`, else all; `undefined` alone where the site has one. */
export function providersToCheck(r: NginxHTTPRequest): (string | undefined)[] {
  try {
    const names = providerNames(r);
    const name = nameInAddress(r);
    return names.length === 0 ? [undefined] : name === '' ? names : [name];
  } catch {
    return [undefined]; // the setting's own finding says so
  }
}

/** Whether the settings of several providers can be told apart. */
export function checkProviders(r: NginxHTTPRequest): Finding[] {
  try {
    const names = providerNames(r);
    if (names.length === 0) {
      return [];
    }
    const wrong = everyContext(r)
      .map(({ config }) => config)
      .filter(({ provider, redirect_uri }) => redirect_uri !== '' && !redirect_uri.endsWith(`/_codexch/${provider}`));
    return wrong.map(({ provider, redirect_uri }) =>
      finding(
        'problem',
        `${provider}: redirect URI`,
        redirect_uri,
        `it must end in /_codexch/${provider}: one for each provider keeps them apart`,
      ),
    );
  } catch (error) {
    const detail = isOidcError(error) ? error.detail : printable(String(error), 300);
    return [finding('problem', 'several providers', detail)];
  }
}

/** Whether a `set $oidc_provider` in server {} undoes those of locations: NGINX repeats it in each subrequest. */
export async function checkServerSet(r: NginxHTTPRequest): Promise<Finding[]> {
  const before = r.variables.oidc_provider;
  if (before === undefined || providersToCheck(r)[0] === undefined) {
    return [];
  }
  const probe = 'probe-of-the-check';
  useProvider(r, probe);
  await r.subrequest('/_oidc_auth', { method: 'GET' });
  const isUndone = r.variables.oidc_provider !== probe;
  useProvider(r, before);
  return isUndone
    ? [
        finding(
          'warning',
          '$oidc_provider',
          'set in server {}',
          'what a location sets is undone there when the gate is asked: use a map, or set it in locations alone',
        ),
      ]
    : [];
}
