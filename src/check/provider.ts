import type { Config } from '../config/settings';
import { discoveryUrl, type ProviderMetadata, parseMetadata } from '../protocol/discovery';
import { type ErrorCode, isOidcError } from '../protocol/errors';
import { parseJwks } from '../protocol/jwks';
import { printable } from '../protocol/text';
import { callProvider } from '../provider/call';
import { isFile, keysFromFile } from '../provider/keys';
import { checkIntrospection } from './access-tokens';
import { checkClientAuthentication } from './client-authentication';
import { type Finding, finding } from './finding';
import { checkHighSecurity } from './high-security';
import { describeKeys } from './keys';
import { checkSignOut } from './sign-out';
import { siteAddress } from './site';
import { checkStepUp } from './step-up';

/** What an answer of the provider tells; its clock is read when it comes. */
interface Look {
  findings: Finding[];
  clock?: Finding;
}

/** Looks at the provider now, past every cache: metadata, client authentication, keys, clock. */
export async function checkProvider(r: NginxHTTPRequest, config: Config): Promise<Finding[]> {
  const discovery = await checkDiscovery(r, config);
  const isFound = discovery.findings.every(({ state }) => state !== 'problem');
  const from = config.jwt_keyfile || discovery.metadata?.jwks_uri;
  const keys: Look = from === undefined ? { findings: [] } : await checkKeys(r, config, from);
  const worst = ['problem', 'ok', 'info'].map((state) =>
    [discovery.clock, keys.clock].find((clock) => clock?.state === state),
  );
  return discovery.findings.concat(
    isFound ? await checkClientAuthentication(config, discovery.metadata) : [],
    isFound ? await checkHighSecurity(config, discovery.metadata || {}) : [],
    isFound ? checkSignOut(siteAddress(r), config, discovery.metadata || {}) : [],
    keys.findings,
    worst.find((clock) => clock !== undefined) || [],
  );
}

async function checkDiscovery(r: NginxHTTPRequest, config: Config): Promise<Look & { metadata?: ProviderMetadata }> {
  if (config.authz_endpoint !== '' && config.token_endpoint !== '' && config.jwt_keyfile !== '') {
    return { findings: [finding('info', 'discovery', 'not used: the endpoints are set by hand')] };
  }
  const url = discoveryUrl(config.issuer);
  try {
    const answer = await callProvider({ r, config }, '/_discovery', url);
    if (answer.status !== 200) {
      return {
        findings: [finding('problem', 'discovery', `${url} answered ${answer.status}`, remedies.discovery_failed)],
      };
    }
    const metadata = parseMetadata(answer.text, config.issuer, config.insecure_http_provider);
    const findings = [finding('ok', 'discovery', `${url} answered 200`)].concat(
      checkEndpoints(metadata),
      await checkIntrospection(r, config, metadata),
      checkScopes(metadata, config),
      checkStepUp(config, metadata),
    );
    return { findings, clock: checkClock(answer.date, config), metadata };
  } catch (error) {
    return { findings: [failure('discovery', error)] };
  }
}

function checkEndpoints(metadata: ProviderMetadata): Finding[] {
  const required = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;
  const optional = [
    'userinfo_endpoint',
    'end_session_endpoint',
    'revocation_endpoint',
    'introspection_endpoint',
  ] as const;
  return required
    .map((name) => finding('ok', name, metadata[name]))
    .concat(optional.map((name) => finding('info', name, metadata[name] || '(the provider names none)')));
}

function checkScopes({ scopes_supported }: ProviderMetadata, { scopes }: Config): Finding[] {
  const unknown = scopes.filter((scope) => scopes_supported && scopes_supported.indexOf(scope) < 0);
  const refused = unknown.filter((scope) => scope !== 'offline_access'); // that one is left out by itself
  return refused.length === 0
    ? [finding('ok', 'scopes', scopes.join(' '))]
    : [finding('warning', 'scopes', `the provider does not list: ${refused.join(' ')}`, 'change $oidc_scopes')];
}

/** Where the provider can sign people out. */
async function checkKeys(r: NginxHTTPRequest, config: Config, from: string): Promise<Look> {
  try {
    if (isFile(from)) {
      return { findings: describeKeys(keysFromFile(from), from, config) };
    }
    const answer = await callProvider({ r, config }, '/_jwks_uri', from);
    if (answer.status !== 200) {
      return { findings: [finding('problem', 'keys', `${from} answered ${answer.status}`, remedies.jwks_failed)] };
    }
    const published = parseJwks(answer.text).filter((key) => key.kty !== 'oct');
    return { findings: describeKeys(published, from, config), clock: checkClock(answer.date, config) };
  } catch (error) {
    return { findings: [failure('keys', error)] };
  }
}

/** @param date the answer's Date header */
function checkClock(date: string, { clock_skew }: Config): Finding {
  const theirs = Date.parse(date);
  if (!(theirs > 0)) {
    return finding('info', 'clock', 'the provider does not tell its time');
  }
  const difference = Math.round((theirs - Date.now()) / 1000);
  const said = `the provider is ${Math.abs(difference)} s ${difference < 0 ? 'behind' : 'ahead'}`;
  return Math.abs(difference) > Math.max(clock_skew, 2)
    ? finding('problem', 'clock', said, 'set this clock by NTP; $oidc_clock_skew is what may remain')
    : finding('ok', 'clock', said);
}

const remedies: Partial<Record<ErrorCode, string>> = {
  discovery_failed: 'is $oidc_issuer right, to the letter? Open the address in a browser',
  discovery_invalid: 'set $oidc_issuer to the "issuer" of that document',
  jwks_failed: 'is $oidc_jwt_keyfile right? Open the address in a browser',
  provider_unreachable:
    'the lines in error.log say why: name not resolved (resolver), certificate not trusted (proxy_ssl_trusted_certificate), connection refused (firewall)',
  provider_timeout: 'is there a firewall, or a proxy to go through? Timeouts are in openid_connect.server_conf',
};

function failure(about: string, error: unknown): Finding {
  return isOidcError(error)
    ? finding('problem', about, `${error.code}: ${error.detail}`, remedies[error.code])
    : finding('problem', about, printable(String(error), 300));
}
