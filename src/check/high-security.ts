import type { Config } from '../config/settings';
import type { ProviderMetadata } from '../protocol/discovery';
import { isOidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import { clientSigner } from '../provider/client-signer';
import { newDpopKey } from '../provider/dpop';
import { type Finding, finding } from './finding';

/** What is used of the metadata; nothing where the endpoints are set by hand. */
type Offered = Partial<ProviderMetadata>;

/**
 * What is beyond the usual between this client and its provider: what is on, what the provider has, and what to do. Where
 * neither is so, nothing is said.
 */
export async function checkHighSecurity(config: Config, offered: Offered): Promise<Finding[]> {
  return checkProfile(config, offered).concat(
    checkPushed(config, offered),
    await checkSigned(config, offered),
    checkResponses(config, offered),
    await checkBound(config, offered),
  );
}

function checkProfile({ profile }: Config, offered: Offered): Finding[] {
  if (profile === '') {
    return [];
  }
  const { issuer, authorization_response_iss_parameter_supported: hasIssuer } = offered;
  const promised = profile === 'fapi2' && issuer !== undefined && hasIssuer !== true;
  return [
    promised
      ? finding(
          'warning',
          'profile',
          `${profile}; the metadata do not promise "iss" in each response`,
          'without it every sign-in is refused: turn it on at the provider, or take fapi2-message-signing',
        )
      : finding('ok', 'profile', profile),
  ];
}

/** PAR (RFC 9126). */
function checkPushed({ par, par_endpoint }: Config, offered: Offered): Finding[] {
  const about = 'pushed requests';
  const endpoint = par_endpoint || offered.pushed_authorization_request_endpoint;
  const required = offered.require_pushed_authorization_requests === true;
  if (par === 'off' && required) {
    return [finding('problem', about, 'the provider requires them', 'leave $oidc_par out')];
  }
  if (par !== 'on' && !required) {
    return endpoint === undefined || par === 'off'
      ? []
      : [finding('info', about, 'off; the provider takes them', 'set $oidc_par on')];
  }
  if (endpoint === undefined) {
    const remedy = 'set $oidc_par_endpoint, or leave $oidc_par out';
    return [finding('problem', about, 'wanted, and the provider names no endpoint for them', remedy)];
  }
  return [finding('ok', about, `${required ? 'required' : 'on'}, at ${printable(endpoint, 300)}`)];
}

/** JAR (RFC 9101). */
async function checkSigned(config: Config, offered: Offered): Promise<Finding[]> {
  const about = 'signed requests';
  const { signed_request } = config;
  const algorithms = offered.request_object_signing_alg_values_supported;
  const required = offered.require_signed_request_object === true;
  if (signed_request === 'off' && required) {
    return [finding('problem', about, 'the provider requires them', 'leave $oidc_signed_request out')];
  }
  if (signed_request === 'off' || (signed_request === '' && !required)) {
    return [];
  }
  if (signed_request === 'by_reference' && offered.request_uri_parameter_supported === false) {
    return [finding('problem', about, 'by_reference, and the provider fetches none', 'set $oidc_signed_request on')];
  }
  try {
    const { alg } = await clientSigner(config, algorithms);
    return [finding('ok', about, `${signed_request || 'required'}, ${alg}`)];
  } catch (error) {
    return [finding('problem', about, detailOf(error), 'docs/high-security.md says how to make a key')];
  }
}

/** JARM, and posted responses. */
function checkResponses({ response_mode }: Config, { response_modes_supported: modes }: Offered): Finding[] {
  const about = 'responses';
  if (response_mode === '') {
    return modes && modes.indexOf('jwt') >= 0
      ? [finding('info', about, 'not signed; the provider can sign them', 'set $oidc_response_mode jwt')]
      : [];
  }
  return modes && modes.indexOf(response_mode) < 0
    ? [
        finding(
          'warning',
          about,
          `${response_mode}, and the provider lists ${printable(modes.join(', '), 200)}`,
          'change $oidc_response_mode',
        ),
      ]
    : [finding('ok', about, response_mode.endsWith('jwt') ? `${response_mode}: signed ones alone` : response_mode)];
}

/** DPoP (RFC 9449), or a certificate (RFC 8705). */
async function checkBound({ dpop, mtls, client_auth_method }: Config, offered: Offered): Promise<Finding[]> {
  const about = 'bound tokens';
  const { dpop_signing_alg_values_supported: algorithms, mtls_endpoint_aliases: aliases } = offered;
  if (!dpop) {
    return mtls || /tls_client_auth$/.test(client_auth_method)
      ? [finding('ok', about, `to the certificate${aliases ? ', at the mtls_endpoint_aliases' : ''}`)]
      : algorithms === undefined
        ? []
        : [finding('info', about, 'off; the provider can bind tokens to a key', 'set $oidc_dpop 1')];
  }
  try {
    await newDpopKey(offered as ProviderMetadata);
  } catch (error) {
    return [finding('problem', about, detailOf(error), 'set $oidc_dpop 0, or change it at the provider')];
  }
  return algorithms === undefined && offered.issuer !== undefined
    ? [
        finding(
          'warning',
          about,
          'to a key, and the metadata do not say that the provider does so',
          'where it gives plain tokens, sign-in ends with token_response_invalid: set $oidc_dpop 0',
        ),
      ]
    : [finding('ok', about, 'to a key of each session, ES256')];
}

const detailOf = (error: unknown) => (isOidcError(error) ? error.detail : printable(String(error), 300));
