import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Nginx } from '../scripts/nginx/target';
import { includeStore } from '../scripts/site/configure-store';
import { createAgent, signIn } from '../test/support/agent';
import { freePort, freePorts } from '../test/support/free-port';
import { type NginxProcess, startNginx } from '../test/support/nginx';
import { storeOptions } from '../test/support/shared-store';
import { type Site, startSite } from '../test/support/site';
import { loadCore, pin, workerCore } from './load';

/** The shipped files as a benchmark runs them: one worker on a core of its own, and locations to compare with. */
export interface BenchSite extends Site {
  worker: number;
  /** Writes entries into the zone of the sessions: [key, value, seconds to live]. */
  seed(entries: Array<[string, string, number]>): Promise<void>;
  /** Adds `count` sessions of nobody, each with the values of these entries; resolves with how many fitted. */
  fill(count: number, entries: Array<[string, string, number]>): Promise<number>;
}

export interface BenchSiteOptions {
  nginx: Nginx;
  issuer: string;
  application: string;
  /** `$access_token` is declared and passed on */
  tokens?: boolean;
  /** of the zone of the sessions; the shipped one unless told */
  zone?: string;
  /** of the worker; 8192 unless told */
  connections?: number;
  /** sessions are in the store on this port of 127.0.0.1; how long a copy is trusted, seconds */
  store?: { port: number; freshness: number };
}

const seeding = readFileSync(new URL('seeding.js', import.meta.url), 'utf8');

/** An application that costs next to nothing: an NGINX of its own that answers 200, on the core of the load. */
export async function startBackend(nginx: Nginx): Promise<{ address: string; process: NginxProcess }> {
  const port = await freePort();
  const process = await startNginx({
    nginx,
    workers: 1,
    connections: 8192,
    main: 'worker_rlimit_nofile 20000;',
    logLevel: 'warn',
    http: `access_log off; keepalive_requests 1000000000;
      server { listen 127.0.0.1:${port}; location / { default_type text/plain; return 200 "hello"; } }`,
  });
  for (const pid of process.workers()) pin(pid, loadCore);
  return { address: `127.0.0.1:${port}`, process };
}

export async function startBenchSite(options: BenchSiteOptions): Promise<BenchSite> {
  const { nginx, tokens = false, zone } = options;
  const [seedPort = 0, storePort = 0] = await freePorts(2);
  const store =
    options.store &&
    storeOptions({
      nginx,
      servers: [`127.0.0.1:${options.store.port}`],
      ports: [storePort],
      settings: { oidc_store_freshness: String(options.store.freshness) },
    });
  const site = await startSite({
    nginx,
    issuer: options.issuer,
    application: options.application,
    workers: 1,
    connections: options.connections ?? 8192,
    main: `worker_rlimit_nofile 60000; ${store?.main ?? ''}`,
    changes: tokens ? { variables: ['access_token'], proxyHeaders: { Authorization: 'Bearer $access_token' } } : {},
    editFrontend: (conf) => {
      const sized = zone ? conf.replace(/(zone=oidc_sessions:)\w+/, `$1${zone}`) : conf;
      return withComparisons(store ? includeStore(sized) : sized);
    },
    files: { 'conf.d/seeding.js': seeding, ...store?.files },
    http: `${store?.http ?? ''} access_log off; keepalive_requests 1000000000; server { listen 127.0.0.1:${seedPort};
      js_import seeding from conf.d/seeding.js;
      location / { client_body_buffer_size 16m; client_max_body_size 16m; js_content seeding.fill; } }`,
  });
  const [worker = 0] = site.nginx.workers();
  pin(worker, workerCore);
  const post = async (task: unknown) => {
    const answer = await fetch(`http://127.0.0.1:${seedPort}/`, { method: 'POST', body: JSON.stringify(task) });
    return { full: answer.status === 507, count: Number(await answer.text()) };
  };
  return {
    ...site,
    worker,
    async seed(entries) {
      if ((await post({ entries })).full) throw new Error('the zone is full');
    },
    async fill(count, entries) {
      const records = entries.map(([key, value]) => [key.startsWith('s:') ? 's:' : '', key.length, value]);
      let done = 0;
      while (done < count) {
        // Keys as long as those of sessions, and as scattered.
        const name = createHash('sha256').update(String(done)).digest('base64url');
        const answer = await post({ count: Math.min(20_000, count - done), name, records });
        done += answer.count;
        if (answer.full) break;
      }
      return done;
    },
  };
}

/** The shipped location twice more: without authentication, and asking a gate that always says 204. */
function withComparisons(conf: string): string {
  const fast = conf.replace(/(upstream my_backend \{[^}]*)\}/, '$1    keepalive 64;\n}');
  const found = /^ {4}location \/ \{[\s\S]*?^ {4}\}\n/m.exec(fast)?.[0];
  if (!found) throw new Error('frontend.conf has no location /');
  const shipped = found.replace(
    'proxy_pass',
    'proxy_http_version 1.1; proxy_set_header Connection "";\n        proxy_pass',
  );
  const open = shipped.replace('location /', 'location /open').replace(/^\s*(auth_request|error_page)\s.*\n/gm, '');
  const floor = shipped.replace('location /', 'location /floor').replace('/_oidc_auth', '/_floor');
  const more = `    location = /_floor { internal; return 204; }
    location = /signed-in { auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; try_files /nothing =204; }\n`;
  return fast.replace(found, shipped + open + floor + more);
}

/** The Cookie header of a browser that signed in. */
export async function signedInCookie(site: Site, path = '/'): Promise<string> {
  const agent = createAgent();
  try {
    const page = await signIn(agent, site.url + path);
    if (page.status !== 200 && page.status !== 204)
      throw new Error(`cannot sign in: ${page.status} at ${page.url}\n${site.nginx.errorLog()}`);
    const cookies = await agent.jar.getCookies(site.url);
    return cookies
      .filter(({ key }) => key.endsWith('auth_token'))
      .map((cookie) => cookie.cookieString())
      .join('; ');
  } finally {
    await agent.close();
  }
}
