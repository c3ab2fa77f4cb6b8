import { randomBytes } from 'node:crypto';
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js';
import LRU from 'oidc-provider/lib/helpers/lru.js';
import type { ProviderContext } from 'oidc-provider/lib/provider.js';
import { type Page, renderPage } from './page';
import { type Account, claimsOfScopes } from './provider-accounts';
import type { SigningKey } from './provider-keys';
import { errorPage, logoutPage, signedOutPage } from './provider-pages';

export type Configuration = Record<string, unknown>;

const day = 24 * 3600;
const algorithms = ['RS', 'PS', 'ES', 'HS'].flatMap((family) => ['256', '384', '512'].map((bits) => family + bits));

/** Lifetimes in seconds. */
export interface Lifetimes {
  AccessToken: number;
  IdToken: number;
  RefreshToken: number;
  AuthorizationCode: number;
  Interaction: number;
  Session: number;
  Grant: number;
}

/** The configuration of oidc-provider: everything set that it would otherwise warn about. */
export function providerConfiguration(options: {
  clients: Configuration[];
  accounts: Account[];
  keys: SigningKey[];
  ttl: Partial<Lifetimes>;
  requirePkce: boolean;
}): Configuration {
  const accessToken = options.ttl.AccessToken ?? 300;
  const store = new LRU({ maxSize: 100_000 });
  return {
    adapter: (model: string) => new MemoryAdapter(model, store),
    clients: options.clients,
    jwks: { keys: options.keys },
    cookies: {
      keys: [randomBytes(32).toString('hex')],
      names: { session: 'demo_provider', interaction: 'demo_provider_signin', resume: 'demo_provider_resume' },
    },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'groups'],
    claims: claimsOfScopes,
    conformIdTokenClaims: false,
    clockTolerance: 0,
    enabledJWA: { idTokenSigningAlgValues: algorithms },
    pkce: { required: () => options.requirePkce },
    ttl: {
      AccessToken: accessToken,
      IdToken: accessToken,
      RefreshToken: day,
      AuthorizationCode: 60,
      Interaction: 3600,
      Session: day,
      Grant: 14 * day,
      ...options.ttl,
    },
    findAccount: (_context: ProviderContext, login: string) => {
      const account = options.accounts.find((one) => one.login === login);
      return account && { accountId: login, claims: () => ({ sub: login, ...account.claims }) };
    },
    loadExistingGrant,
    // like most providers, and unlike the letter of OpenID Connect Core 11: without prompt=consent, too
    issueRefreshToken: (_context: ProviderContext, client: ProviderContext['oidc']['client']) =>
      client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    clientBasedCORS: () => false,
    renderError: (context: ProviderContext, details: Record<string, unknown>) => show(context, errorPage(details)),
    interactions: { url: (_context: ProviderContext, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_context: ProviderContext, client: { clientId: string }, token: { clientId: string }) =>
          token.clientId === client.clientId,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context: ProviderContext, form: string) => show(context, logoutPage(form)),
        postLogoutSuccessSource: (context: ProviderContext) => show(context, signedOutPage()),
      },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
    },
  };
}

/** Consent without asking: the session's grant for this client, or a new one, with the scopes asked for. */
async function loadExistingGrant({ oidc }: ProviderContext) {
  const { client, session, provider, result } = oidc;
  const id = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
  const known = id ? await provider.Grant.find(id) : undefined;
  const grant = known ?? new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '));
  await grant.save();
  return grant;
}

function show(context: ProviderContext, page: Page): void {
  const { text, headers } = renderPage(page);
  for (const [name, value] of Object.entries(headers)) context.set(name, value);
  context.body = text;
}

/** Lays `over` on `base`: plain objects are merged at every depth, anything else replaces. */
export function merge(base: Configuration, over: Configuration): Configuration {
  const merged = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const below = merged[name];
    merged[name] = isPlain(below) && isPlain(value) ? merge(below, value) : value;
  }
  return merged;
}

function isPlain(value: unknown): value is Configuration {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
