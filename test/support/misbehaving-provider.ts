import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { base64url, CompactSign, type JWK } from 'jose';
import { type SigningKey, signingKey } from './provider/keys';

export type Endpoint = '/metadata' | '/authorize' | '/token' | '/jwks' | '/userinfo' | '/logout' | '/revoke';

/** How an endpoint answers instead of properly. */
export interface Canned {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** milliseconds before the answer begins */
  delayMs?: number;
  gzip?: boolean;
  /** sends the body in pieces of so many bytes, every `everyMs` */
  drip?: { bytes: number; everyMs: number };
  /** closes the connection after so many bytes of the body, whose full length it announced */
  cutOffAfter?: number;
  /** closes the connection without an answer */
  reset?: boolean;
  /** answers so many times, then properly again */
  times?: number;
}

export interface Recorded {
  endpoint: Endpoint;
  method: string;
  headers: IncomingMessage['headers'];
  query: URLSearchParams;
  form: URLSearchParams;
}

type Json = Record<string, unknown>;

/** What a test changes; `reset()` makes all of it proper again. */
export interface Behaviour {
  alg: string;
  /** which keys the JWKS has and which one signs */
  publishedKeys: number[];
  signingKeyNumber: number;
  rotate: boolean;
  /** using a refresh token twice revokes the whole family */
  revokeFamilyOnReuse: boolean;
  expiresIn: number | undefined;
  idTokenLifetime: number;
  refreshToken: boolean;
  refreshIdToken: boolean;
  user: Json & { sub: string };
  metadata: (document: Json) => unknown;
  jwks: (set: { keys: JWK[] }) => unknown;
  authorization: (parameters: URLSearchParams) => URLSearchParams | string;
  idToken: (claims: Json, grant: 'authorization_code' | 'refresh_token') => Json;
  header: (header: Json) => Json;
  /** the last word on the compact token */
  compact: (token: string) => string;
  tokens: (body: Json, grant: 'authorization_code' | 'refresh_token') => unknown;
  userinfo: (claims: Json) => unknown;
  canned: Partial<Record<Endpoint, Canned>>;
  /** milliseconds before an endpoint's proper answer */
  delays: Partial<Record<Endpoint, number>>;
}

export interface MisbehavingProvider {
  readonly issuer: string;
  readonly port: number;
  readonly does: Behaviour;
  readonly client: { id: string; secret: string };
  requests(endpoint: Endpoint): Recorded[];
  /** token requests of one kind */
  grants(type: 'authorization_code' | 'refresh_token'): Recorded[];
  /** proper behaviour, nothing recorded */
  reset(): void;
  /** stops listening and drops every connection; up() listens on the same port again */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

interface Grant {
  clientId: string;
  redirectUri: string;
  challenge: string | null;
  nonce: string | null;
  used: boolean;
  family: string;
}

export async function startMisbehavingProvider(
  client = { id: 'test-client', secret: 'test-client-secret-of-32-characters' },
): Promise<MisbehavingProvider> {
  const does = properBehaviour();
  const recorded: Recorded[] = [];
  const grants = new Map<string, Grant>();
  const revoked = new Set<string>();
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  const issuer = () => `http://127.0.0.1:${port}`;

  async function answer(endpoint: Endpoint, request: Recorded, response: ServerResponse): Promise<void> {
    const canned = does.canned[endpoint];
    if (canned && (canned.times === undefined || canned.times-- > 0)) return sendCanned(canned, response);
    await new Promise((resolve) => setTimeout(resolve, does.delays[endpoint] ?? 0));
    if (endpoint === '/metadata') return json(response, 200, does.metadata(metadata(issuer())));
    if (endpoint === '/jwks') return json(response, 200, does.jwks({ keys: await publishedKeys(does) }));
    if (endpoint === '/authorize') return authorize(request, response);
    if (endpoint === '/token') return token(request, response);
    if (endpoint === '/userinfo') return json(response, 200, does.userinfo({ ...does.user }));
    if (endpoint === '/logout') {
      response.writeHead(302, { location: request.query.get('post_logout_redirect_uri') ?? '/' });
      return void response.end();
    }
    json(response, 200, {});
  }

  function authorize({ query }: Recorded, response: ServerResponse): void {
    const code = randomBytes(16).toString('hex');
    grants.set(code, {
      clientId: query.get('client_id') ?? '',
      redirectUri: query.get('redirect_uri') ?? '',
      challenge: query.get('code_challenge'),
      nonce: query.get('nonce'),
      used: false,
      family: code,
    });
    const back = does.authorization(new URLSearchParams({ code, state: query.get('state') ?? '', iss: issuer() }));
    response.writeHead(302, { location: `${query.get('redirect_uri')}?${back}` });
    response.end();
  }

  async function token({ headers, form }: Recorded, response: ServerResponse): Promise<void> {
    if (!isAuthenticated(headers.authorization, form)) return json(response, 401, { error: 'invalid_client' });
    const type = form.get('grant_type');
    const grant = grants.get(form.get(type === 'refresh_token' ? 'refresh_token' : 'code') ?? '');
    const good = grant && (type === 'refresh_token' ? refreshable(grant) : exchangeable(grant, form));
    if (!grant || !good) return json(response, 400, { error: 'invalid_grant' });
    if (type === 'authorization_code' || does.rotate) grant.used = true;
    const kind = type as 'authorization_code' | 'refresh_token';
    json(response, 200, does.tokens(await tokens(grant, kind), kind));
  }

  function exchangeable(grant: Grant, form: URLSearchParams): boolean {
    const verifier = form.get('code_verifier') ?? '';
    const fits =
      grant.challenge === null || grant.challenge === createHash('sha256').update(verifier).digest('base64url');
    return !grant.used && fits && form.get('redirect_uri') === grant.redirectUri;
  }

  function refreshable(grant: Grant): boolean {
    if (grant.used && does.revokeFamilyOnReuse) revoked.add(grant.family);
    return !grant.used && !revoked.has(grant.family);
  }

  function isAuthenticated(authorization: string | undefined, form: URLSearchParams): boolean {
    if (authorization === undefined)
      return form.get('client_id') === client.id && (form.get('client_secret') ?? client.secret) === client.secret;
    const [id = '', secret = ''] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
      .toString()
      .split(':');
    return decodeURIComponent(id) === client.id && decodeURIComponent(secret) === client.secret;
  }

  async function tokens(grant: Grant, type: 'authorization_code' | 'refresh_token'): Promise<Json> {
    const accessToken = `access-${randomBytes(24).toString('hex')}`;
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer(),
      aud: grant.clientId,
      exp: now + does.idTokenLifetime,
      iat: now,
      at_hash: await leftHalf(accessToken, does.alg),
      ...(type === 'authorization_code' && grant.nonce ? { nonce: grant.nonce } : {}),
      ...does.user,
    };
    const body: Json = { access_token: accessToken, token_type: 'Bearer' };
    if (does.expiresIn !== undefined) body.expires_in = does.expiresIn;
    if (type === 'authorization_code' || does.refreshIdToken) {
      body.id_token = does.compact(await sign(does.idToken(claims, type)));
    }
    if (does.refreshToken && (type === 'authorization_code' || does.rotate)) {
      const refreshToken = randomBytes(24).toString('hex');
      grants.set(refreshToken, { ...grant, used: false });
      body.refresh_token = refreshToken;
    }
    return body;
  }

  async function sign(claims: Json): Promise<string> {
    const key = await signer(does, client.secret);
    const header = does.header({ alg: does.alg, typ: 'JWT', ...(key.kid ? { kid: key.kid } : {}) });
    const payload = new TextEncoder().encode(JSON.stringify(claims));
    if (header.alg === does.alg) {
      return new CompactSign(payload)
        .setProtectedHeader(header as { alg: string })
        .sign(key.privateKey, { crit: { exp: true } });
    }
    return `${base64url.encode(JSON.stringify(header))}.${base64url.encode(payload)}.`;
  }

  async function listen(): Promise<void> {
    server = createServer(async (request, response) => {
      const url = new URL(request.url ?? '/', issuer());
      const endpoint = (url.pathname === '/.well-known/openid-configuration' ? '/metadata' : url.pathname) as Endpoint;
      let body = '';
      for await (const chunk of request) body += chunk;
      const entry = {
        endpoint,
        method: request.method ?? '',
        headers: request.headers,
        query: url.searchParams,
        form: new URLSearchParams(body),
      };
      recorded.push(entry);
      await answer(endpoint, entry, response);
    });
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server?.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    port = (server.address() as AddressInfo).port;
  }

  const provider: MisbehavingProvider = {
    get issuer() {
      return issuer();
    },
    get port() {
      return port;
    },
    does,
    client,
    requests: (endpoint) => recorded.filter((entry) => entry.endpoint === endpoint),
    grants: (type) => recorded.filter((entry) => entry.endpoint === '/token' && entry.form.get('grant_type') === type),
    reset() {
      Object.assign(does, properBehaviour());
      recorded.length = 0;
    },
    async down() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server?.close(() => resolve()));
    },
    up: listen,
    stop: () => provider.down(),
  };
  await listen();
  return provider;
}

function properBehaviour(): Behaviour {
  return {
    alg: 'RS256',
    publishedKeys: [1],
    signingKeyNumber: 1,
    rotate: true,
    revokeFamilyOnReuse: true,
    expiresIn: 300,
    idTokenLifetime: 300,
    refreshToken: true,
    refreshIdToken: true,
    user: { sub: 'alice', name: 'Alice Liddell', email: 'alice@example.com', groups: ['staff', 'admins'] },
    metadata: (document) => document,
    jwks: (set) => set,
    authorization: (parameters) => parameters,
    idToken: (claims) => claims,
    header: (header) => header,
    compact: (token) => token,
    tokens: (body) => body,
    userinfo: (claims) => claims,
    canned: {},
    delays: {},
  };
}

function metadata(issuer: string): Json {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/logout`,
    revocation_endpoint: `${issuer}/revoke`,
    response_types_supported: ['code'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    authorization_response_iss_parameter_supported: true,
  };
}

async function publishedKeys(does: Behaviour): Promise<JWK[]> {
  if (does.alg.startsWith('HS')) return [];
  return Promise.all(does.publishedKeys.map(async (n) => (await signingKey(does.alg, n)).publicJwk));
}

async function signer(does: Behaviour, secret: string): Promise<Pick<SigningKey, 'privateKey'> & { kid?: string }> {
  return does.alg.startsWith('HS')
    ? { privateKey: new TextEncoder().encode(secret)  }
    : signingKey(does.alg, does.signingKeyNumber);
}

async function leftHalf(token: string, alg: string): Promise<string> {
  const digest = createHash(`sha${alg.slice(2)}`)
    .update(token)
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function sendCanned(canned: Canned, response: ServerResponse): void {
  const { status = 200, headers = {}, body = '', delayMs = 0, gzip, drip, cutOffAfter, reset } = canned;
  setTimeout(() => {
    if (reset) return response.socket?.destroy();
    const bytes = gzip ? gzipSync(body) : Buffer.from(body);
    const length: Record<string, string | number> = drip ? {} : { 'content-length': bytes.length };
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
      ...length,
      ...headers,
    });
    if (cutOffAfter !== undefined) {
      response.write(bytes.subarray(0, cutOffAfter));
      setTimeout(() => response.socket?.destroy(), 50);
    } else if (drip) {
      dripFeed(response, bytes, drip);
    } else {
      response.end(bytes);
    }
  }, delayMs);
}

function dripFeed(
  response: ServerResponse,
  bytes: Buffer,
  { bytes: piece, everyMs }: { bytes: number; everyMs: number },
) {
  let sent = 0;
  const timer = setInterval(() => {
    if (sent >= bytes.length || response.destroyed) {
      clearInterval(timer);
      response.end();
      return;
    }
    response.write(bytes.subarray(sent, sent + piece));
    sent += piece;
  }, everyMs);
}
