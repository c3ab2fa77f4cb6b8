import type { IncomingMessage, ServerResponse } from 'node:http';
import { freePort } from './free-port';
import { hosts, providerHost } from './hosts';
import {
  type Behaviour,
  type CannedAnswer,
  type Endpoint,
  type GrantType,
  properBehaviour,
} from './provider/behaviour';
import type { Client } from './provider/client';
import { accessToken, endpoints, type Issued, logoutToken, type ProviderState } from './provider/endpoints';
import { Grants } from './provider/grants';
import { httpServer, type Tls } from './provider/http-server';
import { signingKey } from './provider/keys';
import { endpointOf, type Recorded, recordedOf } from './provider/recorded';
import type { Json } from './provider/sign';
import { Reply, replyOf, send, wait } from './provider/transport';
import { startRemotely } from './remote/remote';

export type { Behaviour, CannedAnswer, Endpoint, GrantType } from './provider/behaviour';
export type { Client } from './provider/client';
export type { Issued } from './provider/endpoints';
export { type SigningKey, signingKey } from './provider/keys';
export type { Recorded } from './provider/recorded';
export { brokenSignature, compactToken, resigned, tokenParts, unsigned } from './provider/sign';
export { type Canned, Reply } from './provider/transport';

export interface ProviderOptions {
  /** 127.0.0.1 by default */
  host?: string;
  port?: number;
  alg?: string;
  client?: Client;
  /** of its issuer: /realms/staff */
  path?: string;
  /** paths that it has besides its own, and the endpoints that they are: { '/realms/staff/certs': '/jwks' } */
  paths?: Record<string, Endpoint>;
  /** https, with this certificate; its clients with a certificate are sent to addresses below /mtls */
  tls?: Tls;
  /** more of the behaviour that `reset()` goes back to */
  does?: Partial<Behaviour>;
}

/** An OpenID provider for tests that behaves properly until it is told otherwise. */
export interface MisbehavingProvider {
  readonly issuer: string;
  readonly port: number;
  readonly does: Behaviour;
  readonly client: Client;
  /** what the token endpoint gave out since the last reset */
  readonly issued: Issued[];
  /** errors in the hooks of a test, which the relying party saw as 500 */
  readonly failures: unknown[];
  /** the requests to one endpoint, or to any, since the last reset */
  requests(endpoint?: string): Recorded[];
  /** token requests of one kind */
  grants(type: GrantType): Recorded[];
  /** how an endpoint answers from now on; undefined: properly */
  respond(endpoint: Endpoint, canned: CannedAnswer | undefined): void;
  /** signs with a new key from now on and publishes only that, or the old ones as well */
  rotateKeys(options?: { keepOld?: boolean }): void;
  /** a logout token, signed with its key; a header member that is null goes away */
  logoutToken(claims: Json | string, header?: Json): Promise<string>;
  /** a JWT access token for the audience `api`; a claim or header member that is null goes away */
  accessToken(claims?: Json, header?: Json): Promise<string>;
  /** an opaque access token that introspection knows */
  opaqueToken(): string;
  /** what must never be seen in a log: the client's secret, codes and tokens, ID tokens since the last reset */
  secrets(): string[];
  /** proper behaviour, nothing recorded; grants stay good, and keys that were rotated stay so */
  reset(): void;
  /** stops listening and drops every connection; up() listens on the same port again */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMisbehavingProvider(options: ProviderOptions = {}): Promise<MisbehavingProvider> {
  if (hosts[providerHost] && !options.host) return startRemotely(providerHost, 'misbehaving', options);
  const { host = '127.0.0.1' } = options;
  const port = options.port ?? (await freePort());
  const { client = { id: 'test-client', secret: 'test-client-secret-of-32-characters' } } = options;
  let keyNumber = 1;
  const initial = (): Behaviour => ({
    ...properBehaviour(),
    publishedKeys: [keyNumber],
    signingKeyNumber: keyNumber,
    ...(options.alg === undefined ? {} : { alg: options.alg }),
    ...options.does,
  });
  const issuer = `${options.tls ? 'https' : 'http'}://${host}:${port}${options.path ?? ''}`;
  const state: ProviderState = { issuer, client, does: initial(), grants: new Grants(), issued: [] };
  const { does } = state;
  const recorded: Recorded[] = [];
  const failures: unknown[] = [];
  let timesUsed = new Map<CannedAnswer, number>();

  /** What is canned for this request, unless it answered as often as it should. */
  async function cannedFor(request: Recorded) {
    const answer = does.canned[request.endpoint as Endpoint];
    const canned = typeof answer === 'function' ? await answer(request) : answer;
    if (answer === undefined || canned?.times === undefined) return canned ?? {};
    const used = timesUsed.get(answer) ?? 0;
    timesUsed.set(answer, used + 1);
    return used < canned.times ? canned : {};
  }

  async function properReply(request: Recorded, signal: AbortSignal): Promise<Reply> {
    const endpoint = request.endpoint.replace(/^\/mtls(?=\/)/, '') as Endpoint;
    if (!Object.hasOwn(endpoints, endpoint)) return new Reply(404, '{"error":"not_found"}');
    if (does.delays[endpoint]) await wait(does.delays[endpoint], signal);
    return endpoints[endpoint](state, request);
  }

  async function handle(message: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const request = await recordedOf(message).catch(() => undefined);
    if (!request) return; // the client left
    request.endpoint = options.paths?.[request.endpoint] ?? request.endpoint;
    recorded.push(request);
    try {
      const canned = await cannedFor(request);
      await send(response, replyOf(canned) ?? (await properReply(request, signal)), canned, signal);
    } catch (error) {
      if (signal.aborted) return;
      failures.push(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  }

  const server = httpServer(host, port, handle, options.tls);
  const provider: MisbehavingProvider = {
    issuer,
    port,
    does,
    client,
    issued: state.issued,
    failures,
    requests: (endpoint) => recorded.filter((one) => endpoint === undefined || one.endpoint === endpointOf(endpoint)),
    grants: (type) => provider.requests('/token').filter(({ form }) => form.get('grant_type') === type),
    respond(endpoint, canned) {
      if (canned) timesUsed.delete(canned);
      does.canned = { ...does.canned, [endpoint]: canned };
    },
    rotateKeys({ keepOld = false } = {}) {
      keyNumber = Math.max(keyNumber, does.signingKeyNumber, ...does.publishedKeys) + 1;
      does.publishedKeys = keepOld ? [...does.publishedKeys, keyNumber] : [keyNumber];
      does.signingKeyNumber = keyNumber;
    },
    logoutToken: (claims, header) => logoutToken(state, claims, header),
    accessToken: (claims, header) => accessToken(state, claims, header),
    opaqueToken: () => state.grants.addAccessToken(state.grants.ofNobody()),
    secrets: () => [client.secret, ...state.grants.secrets(), ...state.issued.flatMap(({ idToken = [] }) => idToken)],
    reset() {
      Object.assign(does, initial());
      timesUsed = new Map();
      for (const list of [recorded, failures, state.issued]) list.length = 0;
    },
    down: server.down,
    up: server.up,
    stop: server.down,
  };
  if (!/^HS/.test(does.alg)) await signingKey(does.alg, keyNumber); // else the first sign-in would wait for it
  await server.up();
  return provider;
}
