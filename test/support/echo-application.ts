import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What reached the application. */
export interface Echo {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  rawHeaders: string[];
  bodyBytes: number;
  bodySha256: string;
}

/** An application that tells what it received, and counts. */
export interface EchoApplication {
  /** host:port */
  address: string;
  requests: Echo[];
  stop(): Promise<void>;
}

/** Answers JSON of the request; /status/NNN answers with that status, /set-cookie sets one. */
export async function startEchoApplication(): Promise<EchoApplication> {
  const requests: Echo[] = [];
  const server = createServer(async (request, response) => {
    const echo = await echoOf(request);
    requests.push(echo);
    const status = /^\/status\/(\d{3})/.exec(echo.url)?.[1];
    response.statusCode = status ? Number(status) : 200;
    response.setHeader('content-type', 'application/json');
    if (echo.url.startsWith('/set-cookie')) response.setHeader('set-cookie', ['app=1; Path=/', 'more=2; Path=/']);
    response.end(JSON.stringify(echo));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
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
