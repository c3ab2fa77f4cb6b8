import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, stopServer } from '../../demo/listen';
import {
  answerAuthorize,
  answerLogin,
  answerLogout,
  type BrowserAnswer,
  loginCookie,
} from './cognito/browser-endpoints';
import type { State } from './cognito/state';
import {
  type CognitoBehaviour,
  type CognitoClient,
  type Person,
  properBehaviour,
  type Recorded,
} from './cognito/state';
import { answerRevoke, answerToken } from './cognito/token-endpoint';
import { cognitoJwks } from './cognito/tokens';
import { hosts, providerHost } from './hosts';
import { startRemotely } from './remote/remote';

/** A user pool as Amazon Cognito answers for it: the issuer is one host, the domain another. */
export interface CognitoProvider {
  issuer: string;
  /** scheme, host and port of /oauth2/..., /login, /logout */
  domain: string;
  jwksUri: string;
  client: CognitoClient;
  person: Person;
  does: CognitoBehaviour;
  requests(path: string): Recorded[];
  /** the token requests of one kind */
  grants(type: 'authorization_code' | 'refresh_token'): Recorded[];
  /** enters a site's callback and sign-out addresses, letter for letter */
  allow(callback: string, signOut: string): void;
  /** proper behaviour, no addresses, nothing recorded */
  reset(): void;
  stop(): Promise<void>;
}

export const cognitoClient = {
  id: '2or4cs8bjo1lkbq6143tqp6ist',
  secret: '1k63m3nrcnu-secret-of-the-app-client-0123456789',
};
const poolId = 'us-east-1_AbCdEfGhI';

/** `host` is 127.0.0.1 by default. */
export async function startCognito({ host }: { host?: string } = {}): Promise<CognitoProvider> {
  if (hosts[providerHost] && !host) return startRemotely(providerHost, 'cognito', {});
  const state: State = {
    issuer: '',
    domain: '',
    client: { ...cognitoClient, callbacks: [], signOuts: [], scopes: ['openid', 'email', 'profile'] },
    person: {
      username: 'alice',
      password: 'wonderland',
      sub: '7f1c0d52-4a36-4a39-93a7-3b6f0f0c9d11',
      email: 'alice@example.com',
      department: 'Tea',
      groups: ['admins', 'eu-west-1_AbC_Google'],
    },
    does: { ...properBehaviour },
    codes: new Map(),
    refreshTokens: new Map(),
    requests: [],
  };
  const issuerHost = createServer((request, response) => void serveIssuer(state, request, response));
  const domainHost = createServer((request, response) => void serveDomain(state, request, response));
  state.issuer = `${await listen(issuerHost, 0, host)}/${poolId}`;
  state.domain = await listen(domainHost, 0, host);
  return provider(state, [issuerHost, domainHost]);
}

function provider(state: State, servers: Server[]): CognitoProvider {
  const requests = (path: string) => state.requests.filter((request) => request.path === path);
  return {
    issuer: state.issuer,
    domain: state.domain,
    jwksUri: `${state.issuer}/.well-known/jwks.json`,
    client: state.client,
    person: state.person,
    does: state.does,
    requests,
    grants: (type) => requests('/oauth2/token').filter((request) => request.form.get('grant_type') === type),
    allow(callback, signOut) {
      state.client.callbacks.push(callback);
      state.client.signOuts.push(signOut);
    },
    reset() {
      Object.assign(state.does, properBehaviour);
      Object.assign(state.client, { callbacks: [], signOuts: [], scopes: ['openid', 'email', 'profile'] });
      state.requests.length = 0;
    },
    stop: async () => {
      await Promise.all(servers.map(stopServer));
    },
  };
}

async function serveIssuer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const recorded = await record(state, request);
  const documents: Record<string, () => Promise<unknown>> = {
    [`/${poolId}/.well-known/openid-configuration`]: async () => metadata(state),
    [`/${poolId}/.well-known/jwks.json`]: cognitoJwks,
  };
  const document = documents[recorded.path];
  response.setHeader('date', new Date(Date.now() + state.does.clockAhead * 1000).toUTCString());
  sendJson(response, document ? 200 : 404, document ? await document() : { message: 'User pool does not exist.' });
}

async function serveDomain(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const recorded = await record(state, request);
  const isSignedIn = new RegExp(`\\b${loginCookie}=1`).test(request.headers.cookie ?? '');
  switch (recorded.path) {
    case '/oauth2/authorize':
      return sendToBrowser(response, answerAuthorize(state, recorded.query, isSignedIn));
    case '/login':
      return sendToBrowser(response, answerLogin(state, recorded));
    case '/logout':
      return sendToBrowser(response, answerLogout(state, recorded));
    case '/error':
      return sendToBrowser(response, { status: 400, page: `An error: ${recorded.query.get('error')}` });
    case '/oauth2/token': {
      await sleep(state.does.tokenDelay);
      const { status, body } = await answerToken(state, recorded);
      return typeof body === 'string'
        ? sendToBrowser(response, { status, page: body })
        : sendJson(response, status, body);
    }
    case '/oauth2/revoke': {
      const { status, body } = answerRevoke(state, recorded);
      return sendJson(response, status, body);
    }
    case '/oauth2/userInfo':
      return sendUserInfo(state, recorded, response);
    default:
      return sendJson(response, 404, {});
  }
}

/** Booleans are texts here, and there are no groups. */
function sendUserInfo({ person }: State, { authorization }: Recorded, response: ServerResponse): void {
  const { sub, email, username } = person;
  const isBearer = authorization.startsWith('Bearer ');
  const body = isBearer ? { sub, email_verified: 'true', email, username } : { error: 'invalid_token' };
  sendJson(response, isBearer ? 200 : 401, body);
}

function metadata({ issuer, domain }: State) {
  return {
    issuer,
    authorization_endpoint: `${domain}/oauth2/authorize`,
    token_endpoint: `${domain}/oauth2/token`,
    userinfo_endpoint: `${domain}/oauth2/userInfo`,
    revocation_endpoint: `${domain}/oauth2/revoke`,
    end_session_endpoint: `${domain}/logout`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ['code', 'token'],
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  };
}

async function record(state: State, request: IncomingMessage): Promise<Recorded> {
  let body = '';
  for await (const chunk of request) body += chunk;
  const url = new URL(request.url ?? '/', 'http://host');
  const recorded = {
    path: url.pathname,
    method: request.method ?? '',
    query: url.searchParams,
    form: new URLSearchParams(body),
    authorization: request.headers.authorization ?? '',
  };
  state.requests.push(recorded);
  return recorded;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

function sendToBrowser(response: ServerResponse, { status, location, page, cookie }: BrowserAnswer): void {
  response.writeHead(status, {
    'content-type': 'text/html;charset=UTF-8',
    ...(location === undefined ? {} : { location }),
    ...(cookie === undefined ? {} : { 'set-cookie': cookie }),
  });
  response.end(page ?? '');
}
