import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { homePage, messagePage, reportPage, type ShownHeader } from './application-pages';
import { headerText, readIdentity } from './identity';
import { listen, stopServer } from './listen';
import { sendPage } from './page';

export interface RunningApplication {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts the application that NGINX protects in the demo. It believes the identity headers, so it must be reachable
 * through NGINX only. `port` 0 is any free port; rejects with EADDRINUSE when the port is taken.
 */
export async function startApplication(options: { port: number; host?: string }): Promise<RunningApplication> {
  const server = createServer(answer);
  const url = await listen(server, options.port, options.host);
  return { url, stop: () => stopServer(server) };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '/', headers } = request;
  const path = url.replace(/\?.*$/s, '');
  const identity = readIdentity(headers);
  request.resume();
  if (path === '/api/whoami') {
    const body = `${JSON.stringify(identity, null, 2)}\n`;
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    response.end(body);
  } else if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    sendPage(response, 405, messagePage(identity, 'Not like this', `${method} is not possible here.`));
  } else if (path === '/') {
    sendPage(response, 200, homePage(identity, shownHeaders(request)));
  } else if (path.startsWith('/reports/')) {
    sendPage(response, 200, reportPage(identity, url));
  } else if (path.startsWith('/public/')) {
    sendPage(response, 200, messagePage(identity, 'A public page', 'Everybody may see this page, signed in or not.'));
  } else {
    sendPage(response, 404, messagePage(identity, 'Nothing here', `There is no page at ${path}`));
  }
}

function shownHeaders(request: IncomingMessage): ShownHeader[] {
  const raw = request.rawHeaders;
  const pairs: ShownHeader[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    pairs.push([raw[index] ?? '', headerText(raw[index + 1]) ?? '']);
  }
  return pairs.sort(([a], [b]) => a.toLowerCase().localeCompare(b.toLowerCase()));
}
