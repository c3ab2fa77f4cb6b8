import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Nginx } from '../scripts/nginx/target';
import { DemoError } from './options';
import { type SiteOptions, shipped, siteFiles } from './site';

/** One of the machines that share their sessions. */
export interface NodeOptions extends SiteOptions {
  hmacKey: string;
  baseUrl: string;
  /** as its pages say it */
  name: string;
  /** host:port of the store's servers, and a port of this machine's for each, by which it speaks to them */
  store: { servers: string[]; ports: number[]; password: string };
}

/** The lines of nginx.conf for the shared store: its modules, where they are files, and its stream {}. */
export function nodeMain(nginx: Nginx): string {
  const modules = ['ngx_stream_module.so', 'ngx_stream_js_module.so'].map((name) =>
    join(dirname(nginx.modulePath), name),
  );
  const load = modules.filter((path) => existsSync(path)).map((path) => `load_module "${path}";\n`);
  return `${load.join('')}include conf.d/openid_connect.store_conf;\n`;
}

/** The shipped files with what docs/many-machines.md says to change. Throws DemoError. */
export function nodeFiles(options: NodeOptions): Record<string, string> {
  const { store, nginx } = options;
  const files = siteFiles(options);
  const upstream = store.ports.map((port) => `server 127.0.0.1:${port} fail_timeout=1s;`).join(' ');
  const frontend = (files['conf.d/frontend.conf'] ?? '')
    .replace(/# (upstream oidc_store) .*/, `$1 { ${upstream} keepalive 64; }`)
    .replace(/# (include conf\.d\/openid_connect\.store_location;)/g, '$1');
  if (/# (?:upstream oidc_store|include conf\.d\/openid_connect\.store)/.test(frontend)) {
    throw new DemoError('frontend.conf does not say how a store is included');
  }
  return {
    ...files,
    'conf.d/frontend.conf': frontend,
    'conf.d/openid_connect.store_conf': streamConf(shipped('openid_connect.store_conf'), nginx, store),
    'conf.d/openid_connect.store_location': shipped('openid_connect.store_location').replace(
      /(Store-Password\s+)"";/,
      `$1"${store.password}";`,
    ),
    'conf.d/openid_connect_store.js': shipped('openid_connect_store.js'),
  };
}

/** The shipped stream {}, with a server for each of the store's. */
function streamConf(conf: string, nginx: Nginx, { servers, ports }: NodeOptions['store']): string {
  const begin = conf.indexOf('    server {');
  const end = conf.lastIndexOf('}');
  const each = servers.map((address, index) =>
    conf
      .slice(begin, end)
      .replace(/listen .*;/, `listen 127.0.0.1:${ports[index]};`)
      .replace(/js_engine .*;.*/, nginx.target === 'A' ? '' : `js_engine ${nginx.engine};`)
      .replace(/proxy_pass .*;/, `proxy_pass ${address};`),
  );
  return conf.slice(0, begin) + each.join('\n') + conf.slice(end);
}
