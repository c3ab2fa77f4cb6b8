import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { listen, stopServer } from '../../demo/listen';

/** The documentation site, built for this test and served on 127.0.0.1. */
export interface DocumentationSite {
  url: string;
  /** the folder with its files */
  folder: string;
  stop(): Promise<void>;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

export async function startDocumentationSite(): Promise<DocumentationSite> {
  const folder = mkdtempSync(join(tmpdir(), 'docs-site-'));
  const root = fileURLToPath(new URL('../../', import.meta.url));
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'site/build.ts', folder], { cwd: root });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    const path = join(folder, decodeURIComponent(pathname), pathname.endsWith('/') ? 'index.html' : '');
    const file = [path, `${path}.html`].find((one) => existsSync(one) && statSync(one).isFile());
    response.writeHead(file ? 200 : 404, { 'content-type': types[extname(file ?? '')] ?? 'text/plain' });
    response.end(file ? readFileSync(file) : 'not found');
  });
  const url = await listen(server, 0);
  return {
    url,
    folder,
    stop: async () => {
      await stopServer(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
