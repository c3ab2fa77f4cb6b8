import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
// the package's entry point prints a warning on Node 20, its provider module does not
import { Provider } from 'oidc-provider/lib/provider.js';
import { listen, stopServer } from './listen';
import { type Account, demoAccounts } from './provider-accounts';
import { type Configuration, type Lifetimes, merge, providerConfiguration } from './provider-configuration';
import { createEvents, type ProviderEvents } from './provider-events';
import { serveInteraction } from './provider-interaction';
import { createSigningKeys, type SigningKey } from './provider-keys';

/** Answers a request itself and returns true, or leaves it to the provider and returns false (after a while, if it likes). */
export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

export interface ProviderOptions {
  /** 0 for any free port */
  port: number;
  /** 127.0.0.1 by default */
  host?: string;
  /** PEM: it is reached by https, and asks for certificates without judging them */
  tls?: { cert: string; key: string };
  /** where people and NGINX reach it, when that is another address than it listens on */
  issuer?: string;
  /** client metadata (RFC 7591 names); the demo client of port 8010 by default */
  clients?: Configuration[];
  /** alice and bob by default; read at every request, so changes count at the next token */
  accounts?: Account[];
  /** private signing keys; one RSA key and three EC keys, newly made, by default */
  keys?: SigningKey[];
  /** put before the others: oidc-provider signs with the first that fits the algorithm */
  extraKeys?: SigningKey[];
  /** seconds; access token 300 by default, ID token like the access token */
  ttl?: Partial<Lifetimes>;
  /** refuse authorization requests without PKCE; false by default */
  requirePkce?: boolean;
  /** sign in at once, without a form, as `login_hint` or as the first account; false by default */
  autoLogin?: boolean;
  /** call back-channel logout URIs of this machine, too, which oidc-provider by itself does not; false by default */
  callsLocalAddresses?: boolean;
  /** merged into oidc-provider's configuration at every depth */
  overrides?: Configuration;
  intercept?: Intercept;
}

export interface RunningProvider {
  issuer: string;
  url: string;
  provider: Provider;
  events: ProviderEvents;
  /** the list in use; change it to change what the next token says */
  accounts: Account[];
  /** may be set and removed at any time */
  intercept: Intercept | undefined;
  stop(): Promise<void>;
}

/** A confidential client for a site that this product protects at `origin`, for example `http://127.0.0.1:8010`. */
export function demoClient(
  origin = 'http://127.0.0.1:8010',
): Configuration & { client_id: string; client_secret: string } {
  return {
    client_id: 'demo',
    client_secret: 'demo-secret-that-everybody-may-know-0123456789',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [`${origin}/_codexch`],
    post_logout_redirect_uris: [`${origin}/_logout`],
  };
}

/**
 * Starts a certified OpenID provider over plain HTTP. Everything is in memory and ends with stop().
 * Rejects with EADDRINUSE when the port is taken.
 */
export async function startProvider(options: ProviderOptions): Promise<RunningProvider> {
  const events = createEvents();
  const accounts = options.accounts ?? demoAccounts();
  const server = options.tls
    ? createTlsServer({ ...options.tls, requestCert: true, rejectUnauthorized: false })
    : createServer();
  const address = await listen(server, options.port, options.host);
  const url = options.tls ? address.replace(/^http:/, 'https:') : address;
  const issuer = options.issuer ?? url;

  const configuration = providerConfiguration({
    clients: options.clients ?? [demoClient()],
    accounts,
    keys: [...(options.extraKeys ?? []), ...(options.keys ?? createSigningKeys())],
    ttl: options.ttl ?? {},
    requirePkce: options.requirePkce ?? false,
  });
  const fetching = options.callsLocalAddresses ? { fetch: fetchAnywhere } : {};
  const provider = new Provider(issuer, merge(merge(configuration, fetching), options.overrides ?? {}));
  recordTokenRequests(provider, events.sawToken);
  const callback = provider.callback();

  const running: RunningProvider = {
    issuer,
    url,
    provider,
    events,
    accounts,
    intercept: options.intercept,
    stop: () => stopServer(server),
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    events.saw({ at: Date.now(), method, url, headers });
    if (await running.intercept?.(request, response)) return;
    if (url.startsWith('/interaction/')) {
      return serveInteraction(provider, { accounts, autoLogin: options.autoLogin ?? false }, request, response);
    }
    return callback(request, response);
  };
  server.on('request', (request, response) => {
    answer(request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`demo provider: ${error}\n`);
    });
  });
  return running;
}

/** Without the dispatcher that refuses private addresses. */
function fetchAnywhere(url: string, options: RequestInit & { dispatcher?: unknown }): Promise<Response> {
  const { dispatcher: _, ...rest } = options;
  return fetch(url, rest);
}

function recordTokenRequests(provider: Provider, saw: ReturnType<typeof createEvents>['sawToken']): void {
  provider.use(async (context, next) => {
    const at = Date.now();
    await next();
    if (context.path !== '/token' || context.method !== 'POST') return;
    const body = context.oidc?.body ?? {};
    saw({ at, grantType: String(body.grant_type ?? ''), headers: context.req.headers, body, status: context.status });
  });
}
