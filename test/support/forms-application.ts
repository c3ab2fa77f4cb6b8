import { createServer } from 'node:http';
import { listen, stopServer } from '../../demo/listen';

/** A form that reached the application. */
export interface Posted {
  url: string;
  type: string;
  body: Buffer;
  headers: Record<string, string | string[] | undefined>;
}

/** An application with pages of the test's own, by path, which notes what is sent to it. */
export interface FormsApplication {
  /** host:port */
  address: string;
  pages: Record<string, string>;
  posted: Posted[];
  stop(): Promise<void>;
}

/** A page is HTML, or JavaScript below /script. Every POST is answered by a page that says so. */
export async function startFormsApplication(): Promise<FormsApplication> {
  const pages: Record<string, string> = {};
  const posted: Posted[] = [];
  const server = createServer(async (request, response) => {
    const { url = '', method, headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (method === 'POST') {
      posted.push({ url, type: String(headers['content-type']), body: Buffer.concat(chunks), headers });
    }
    const html =
      method === 'POST' ? '<p id="received">received</p>' : (pages[url.replace(/\?.*$/, '')] ?? '<p>a page</p>');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><title>application</title>${html}`);
  });
  const url = await listen(server, 0);
  return { address: new URL(url).host, pages, posted, stop: () => stopServer(server) };
}
