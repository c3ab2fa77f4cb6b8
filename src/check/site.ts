import { setCookie } from '../browser/cookies';
import { isOidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import { type Context, createContext } from '../visit/context';
import { redirectUri } from '../visit/visit';
import { type Finding, finding } from './finding';

/** The addresses to register, and the cookies, as a person gets them who reaches the site as this request did. */
export function checkSite(r: NginxHTTPRequest): Finding[] {
  let context: Context;
  try {
    context = createContext(r);
  } catch (error) {
    const detail = isOidcError(error) ? `${error.code}: ${error.detail}` : printable(String(error), 300);
    return [
      finding('problem', 'address', detail, 'ask with the name of the site: curl -H "Host: app.example.com" ...'),
    ];
  }
  const { config, baseUrl } = context;
  const guessed = config.base_url === '' && config.redirect_uri === '';
  const hint = 'for a request to this host and port; with $oidc_base_url it is always the same';
  return [
    guessed
      ? finding('info', 'redirect URI', redirectUri(context), hint)
      : finding('ok', 'redirect URI', redirectUri(context)),
    finding(
      'info',
      'after sign-out',
      absolute(baseUrl, config.logout_redirect),
      'to register as post-logout redirect URI',
    ),
    finding(
      'info',
      'sign-in link',
      `${baseUrl}/_oidc_login${config.provider && `/${config.provider}`}`,
      'to register as initiate_login_uri, where the provider has a list of applications',
    ),
    checkClientKeys(context),
    finding(
      'info',
      'dry run',
      `${baseUrl}/_oidc_dry_run`,
      'uncomment its location, allow your address, and sign in there to see each step',
    ),
    checkCookies(context),
  ].filter((one) => one !== undefined);
}

function checkClientKeys({ config, baseUrl }: Context): Finding | undefined {
  const { client_keyfile, decryption_keyfile, provider } = config;
  return client_keyfile.length + decryption_keyfile.length === 0
    ? undefined
    : finding('info', 'public keys', `${baseUrl}/_oidc_jwks${provider && `/${provider}`}`, 'to register as jwks_uri');
}

function absolute(baseUrl: string, target: string): string {
  return target.startsWith('/') ? baseUrl + target : target;
}

function checkCookies({ secure, baseUrl, config }: Context): Finding {
  const domain = config.cookie_domain;
  const attributes = { sameSite: config.cookie_same_site, partitioned: config.cookie_partitioned, domain };
  const line = setCookie(config.cookie_name, '...', secure, undefined, attributes);
  const isLocal = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(baseUrl);
  return secure || isLocal
    ? domain === ''
      ? finding('ok', 'cookies', line)
      : finding('info', 'cookies', line, `every host below ${domain} gets this cookie, and can set one like it`)
    : finding('warning', 'cookies', line, 'without https anybody on the way can take over a session: listen ... ssl');
}

/** Whether NGINX lets header names with an underscore in: only a request that has one can tell. */
export function checkHeaders(r: NginxHTTPRequest): Finding[] {
  return r.rawHeadersIn.some(([name]) => name.indexOf('_') >= 0)
    ? [
        finding(
          'warning',
          'underscores_in_headers',
          'on',
          'applications may take X_Email for X-Email: clear each identity header in that spelling, too (proxy_set_header X_Email "";)',
        ),
      ]
    : [];
}

/** scheme://host:port of this site; '' where it cannot be told, which `checkSite` reports. */
export function siteAddress(r: NginxHTTPRequest): string {
  try {
    return createContext(r).baseUrl;
  } catch {
    return '';
  }
}

/** Who takes no access tokens needs no zone for them. */
const isOfInterest = (name: string) => name !== 'oidc_tokens' || ngx.shared?.[name] !== undefined;

const probe = 'check:timeout';

/** Whether entries end by themselves there; those that never do would fill it. */
function hasTimeout(zone: NgxSharedDict<string>): boolean {
  try {
    zone.add(probe, '1', 1);
    zone.delete(probe);
    return true;
  } catch {
    return zone.freeSpace() < 8192; // full is another finding
  }
}

/** How full the zones are. */
export function checkZones(): Finding[] {
  return ['oidc_sessions', 'oidc_provider', 'oidc_tokens'].filter(isOfInterest).map((name) => {
    const zone = ngx.shared?.[name] as NgxSharedDict<string> | undefined;
    if (!zone) {
      return finding('problem', `zone ${name}`, 'missing', `add "js_shared_dict_zone zone=${name}:64m timeout=24h;"`);
    }
    if (!hasTimeout(zone)) {
      return finding(
        'problem',
        `zone ${name}`,
        'declared without timeout=',
        'add timeout=24h to its js_shared_dict_zone line',
      );
    }
    const used = zone.capacity - zone.freeSpace();
    const percent = Math.round((100 * used) / zone.capacity);
    const said = `${zone.size()} entries, ${percent} % of ${Math.round(zone.capacity / 1024)} KB in use`;
    return percent < 80
      ? finding('ok', `zone ${name}`, said)
      : finding(
          'warning',
          `zone ${name}`,
          said,
          'enlarge it in its js_shared_dict_zone line: who finds it full cannot sign in',
        );
  });
}
