import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, stopServer } from '../../demo/listen';
import { applicationHost, hosts } from './hosts';
import { startRemotely } from './remote/remote';

/** What reached the application. */
export interface Echo {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  /** name, value, name, value ... as they came, twice where they came twice */
  rawHeaders: string[];
  bodyBytes: number;
  bodySha256: string;
}

/** An application that tells what it received, and counts. */
export interface EchoApplication {
  port: number;
  /** host:port */
  address: string;
  url: string;
  requests: Echo[];
  stop(): Promise<void>;
}

/**
 * Answers JSON of the request. /status/NNN answers with that status, /set-cookie sets two, /slow?ms=N waits so many
 * milliseconds.
 */
export async function startEchoApplication(options: { host?: string; port?: number } = {}): Promise<EchoApplication> {
  if (hosts[applicationHost] && !options.host) return startRemotely(applicationHost, 'echo', options);
  const { host, port = 0 } = options;
  const requests: Echo[] = [];
  const stopping = new AbortController();
  const server = createServer({ maxHeaderSize: 1_048_576 }, async (request, response) => {
    const echo = await echoOf(request).catch(() => undefined);
    if (!echo) return; // the client left
    requests.push(echo);
    const [pathname = '', query] = echo.url.split('?');
    if (pathname === '/slow') await pause(Number(new URLSearchParams(query).get('ms')), stopping.signal);
    const status = /^\/status\/([2-5]\d\d)$/.exec(pathname)?.[1];
    const cookies = pathname === '/set-cookie' ? { 'set-cookie': ['app=1; Path=/', 'more=2; Path=/'] } : {};
    response.writeHead(Number(status ?? 200), { 'content-type': 'application/json', ...cookies });
    response.end(JSON.stringify(echo));
  });
  server.keepAliveTimeout = 90_000; // longer than NGINX keeps a connection
  const url = await listen(server, port, host);
  return {
    port: Number(new URL(url).port),
    address: new URL(url).host,
    url,
    requests,
    async stop() {
      stopping.abort();
      await stopServer(server);
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

async function echoOf(request: IncomingMessage): Promise<Echo> {
  const hash = createHash('sha256');
  let bodyBytes = 0;
  for await (const chunk of request) {
    hash.update(chunk);
    bodyBytes += chunk.length;
  }
  const { method = '', url = '', headers, rawHeaders } = request;
  return { method, url, headers, rawHeaders, bodyBytes, bodySha256: hash.digest('hex') };
}
