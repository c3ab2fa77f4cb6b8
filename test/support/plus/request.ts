import { request as send } from 'undici';
import type { KeyvalNode } from './keyval';

export interface PlusAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: string;
  /** where r.internalRedirect went */
  redirectedTo?: string;
}

export interface PlusRequest {
  method?: string;
  /** path and query */
  uri: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface PlusServer {
  node: KeyvalNode;
  /** variable to its key variable and zone */
  keyvals: Record<string, { key: string; zone: string }>;
  /** what `set` and `map` give */
  variables: Record<string, string>;
  log: string[];
}

/**
 * An njs request on NGINX Plus. Variables behave as there: a keyval variable reads and writes the zone under what its
 * key variable says at that moment; a name that the configuration does not know is undefined and cannot be written.
 */
export function plusRequest(server: PlusServer, asked: PlusRequest) {
  const { node, keyvals, log } = server;
  const [path = '/', args] = asked.uri.split(/\?(.*)/s) as [string, string | undefined];
  const headers = Object.fromEntries(
    Object.entries(asked.headers ?? {}).map(([name, value]) => [name.toLowerCase().replaceAll('-', '_'), value]),
  );
  const own: Record<string, string> = {
    ...server.variables,
    request_id: [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(''),
    request_uri: asked.uri,
    uri: decodeURIComponent(path),
    args: args ?? '',
    is_args: args === undefined ? '' : '?',
    scheme: 'https',
    host: 'app.example.com',
    server_port: '443',
  };
  const answer: PlusAnswer = { status: 0, headers: {}, body: '' };

  const read = (name: string): string | undefined => {
    const keyval = keyvals[name];
    if (keyval) {
      const key = read(keyval.key);
      return key ? node.get(keyval.zone, key) : undefined;
    }
    if (name.startsWith('http_')) return headers[name.slice(5)];
    if (name === 'content_type') return headers.content_type;
    if (name.startsWith('cookie_')) return cookieOf(headers.cookie, name.slice(7));
    return own[name];
  };
  const write = (name: string, value: string): boolean => {
    const keyval = keyvals[name];
    if (keyval) {
      const key = read(keyval.key);
      if (key) node.set(keyval.zone, key, value);
      return true;
    }
    if (!(name in own)) throw new TypeError(`variable not found: ${name}`);
    own[name] = value;
    return true;
  };

  const r = {
    method: asked.method ?? 'GET',
    uri: own.uri,
    requestText: asked.body,
    httpVersion: '1.1',
    remoteAddress: '192.0.2.1',
    headersOut: answer.headers,
    variables: new Proxy(
      {},
      { get: (_, name) => read(String(name)), set: (_, name, value) => write(String(name), value) },
    ),
    log: (line: string) => void log.push(line),
    warn: (line: string) => void log.push(line),
    error: (line: string) => void log.push(line),
    return(status: number, body = '') {
      answer.status = status;
      if (status === 302) answer.headers.Location = body;
      else answer.body = body;
    },
    internalRedirect(target: string) {
      answer.redirectedTo = target;
    },
    subrequest: (location: string, options: { method?: string; body?: string; args?: string }) =>
      callProvider(read, location, options),
  };
  return { r: r as unknown as NginxHTTPRequest, answer, read };
}

/** What the locations /_token, /_refresh and /_jwks_uri of the template send on. */
async function callProvider(
  read: (name: string) => string | undefined,
  location: string,
  { method, body, args = '' }: { method?: string; body?: string; args?: string },
) {
  const variables: Record<string, string> = {
    '/_jwks_uri': 'oidc_jwt_keyfile',
    '/_revoke': 'oidc_revocation_endpoint',
  };
  const url = read(variables[location] ?? 'oidc_token_endpoint');
  const authorization = /^secret_basic=(.*)$/.exec(args)?.[1];
  const {
    statusCode,
    headers,
    body: answered,
  } = await send(url ?? '', {
    method: method === 'POST' ? 'POST' : 'GET',
    ...(body === undefined ? {} : { body }),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(authorization === undefined ? {} : { authorization }),
    },
  });
  return {
    status: statusCode,
    responseText: await answered.text(),
    headersOut: { 'Content-Type': headers['content-type'] },
  };
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  const pair = (header ?? '').split('; ').find((one) => one.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}
