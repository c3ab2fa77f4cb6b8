import {
  type ExpectedAccessToken,
  isJwt,
  type Proven,
  requireScopes,
  tokenErrorOf,
  type VerifiedAccessToken,
} from '../protocol/access-token';
import { judge } from '../protocol/demands';
import { type OidcError, oidcError } from '../protocol/errors';
import { type Identity, identityIn } from '../protocol/identity';
import { activeToken } from '../protocol/introspection-response';
import type { JsonObject } from '../protocol/json';
import { decodeJws } from '../protocol/jws';
import { expectedIssuer } from '../protocol/tenants';
import { providerMetadata } from '../provider/metadata';
import { verifyAccessToken } from '../provider/verify-access-token';
import type { KeptTokens } from '../store/kept-tokens';
import type { SiteContext } from '../visit/context';
import { introspectOnce } from './introspect-once';
import { holdsUntil } from './location-demands';

/** A verdict is kept no longer than this (s). */
const longestKept = 60;

/** A token that holds, and does not open this location: it also tells whose it is, for the audit log. */
export type DeniedError = OidcError & { person?: Identity | undefined };

/** A token that may pass, and for how long that is known. */
export interface Passed {
  readonly token: VerifiedAccessToken;
  /** Seconds since 1970. */
  readonly until: number;
}

/**
 * Whether an access token opens this location: a JWT by its signature and claims, an opaque one by what the provider
 * says of it, as `$oidc_introspection` has it.
 * @param proven what the request has besides
 * @param site what only this site's configuration knows
 * @throws bearer_token_invalid, bearer_scope_missing, not_allowed, step_up_required, config_invalid; as providerMetadata, verifyAccessToken, introspectOnce
 */
export async function verifyBearer(
  context: SiteContext,
  tokens: KeptTokens,
  raw: string,
  site: string,
  proven: Proven,
): Promise<Passed> {
  const { config } = context;
  if (config.bearer_audience.length === 0) {
    throw oidcError(
      'config_invalid',
      '$oidc_bearer_audience is not set: say what access tokens for this API have in "aud"',
    );
  }
  const byProvider = config.introspection === 'always' || (config.introspection === 'opaque' && !isJwt(raw));
  if (!byProvider && !isJwt(raw)) {
    throw oidcError(
      'bearer_token_invalid',
      'the access token is no JWT; to ask the provider set $oidc_introspection opaque',
    );
  }
  const metadata = await providerMetadata(context);
  const now = Math.floor(Date.now() / 1000);
  const expected: ExpectedAccessToken = {
    issuer: metadata.issuer,
    audiences: config.bearer_audience,
    now,
    clockSkew: config.clock_skew,
    proven,
    bound: config.bearer_bound,
  };
  let token: VerifiedAccessToken;
  let until = now + longestKept;
  if (byProvider) {
    const { at, answer } = await introspectOnce(context, tokens, metadata, raw, site);
    token = activeToken(answer, { ...expected, issuer: issuerFor(metadata.issuer, config.tenants, answer || {}) });
    until = Math.min(until, at + config.introspection_ttl);
  } else {
    const issuer = issuerFor(metadata.issuer, config.tenants, config.tenants.length > 0 ? claimsOf(raw) : {});
    token = await verifyAccessToken(context, metadata, raw, { ...expected, issuer });
  }
  try {
    requireScopes(token, config.require_scope);
    const demands = { rule: config.require, stepUp: { acrValues: config.acr_values, maxAge: config.max_age } };
    until = Math.min(until, holdsUntil(judge(demands, token.claims, now - config.clock_skew)) + config.clock_skew);
  } catch (error) {
    throw Object.assign(error as DeniedError, { person: identityIn(token.claims) });
  }
  return { token, until: token.exp === undefined ? until : Math.min(until, token.exp) };
}

/** The issuer that a token must name, of a provider with many tenants that of an allowed one. Throws bearer_token_invalid. */
function issuerFor(issuer: string, tenants: string[], claims: JsonObject): string {
  try {
    return expectedIssuer(issuer, tenants, claims);
  } catch (error) {
    throw tokenErrorOf(error);
  }
}

/** What a token says, nothing of it to be believed yet. Throws bearer_token_invalid. */
function claimsOf(raw: string): JsonObject {
  try {
    return decodeJws(raw, 'access token').payload;
  } catch (error) {
    throw tokenErrorOf(error);
  }
}
