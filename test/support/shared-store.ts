import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Nginx } from '../../scripts/nginx/target';
import type { SharedStore } from '../../src/store/shared-store';
import type { NginxOptions } from './nginx-configuration';
import { shipped } from './site';

/** Where the store is, and how this NGINX reaches it. */
export interface StoreConnection {
  nginx: Nginx;
  /** as proxy_pass of the stream module takes it: 127.0.0.1:6379 */
  servers: string[];
  /** ports of the adapter, one for each server */
  ports: number[];
  /** lines of server {} in stream {}: TLS */
  stream?: string;
  /** values of openid_connect.store_location: { 'Store-Password': '...' } */
  account?: Record<string, string>;
}

/** What the shipped files of the store add to a configuration; `http` declares the upstream, `files` are below conf.d/. */
export function storeOptions(connection: StoreConnection): Required<Pick<NginxOptions, 'main' | 'http' | 'files'>> {
  const { nginx, servers, ports, stream = '', account = {} } = connection;
  const modules = ['ngx_stream_module.so', 'ngx_stream_js_module.so'].map((name) =>
    join(dirname(nginx.modulePath), name),
  );
  const load = modules.filter((path) => nginx.image || existsSync(path)).map((path) => `load_module "${path}";`);
  const conf = storeConf(nginx, stream, servers, ports);
  const location = Object.entries(account).reduce(
    (text, [name, value]) =>
      text.replace(new RegExp(`(proxy_set_header ${name}\\s+)[^;]*;`), (_, start) => `${start}"${value}";`),
    shipped('openid_connect.store_location'),
  );
  const upstream = ports.map((port) => `server 127.0.0.1:${port} max_fails=1 fail_timeout=1s;`).join(' ');
  return {
    main: `${load.join('\n')}\ninclude conf.d/openid_connect.store_conf;`,
    http: `upstream oidc_store { ${upstream} keepalive 64; }`,
    files: {
      'conf.d/openid_connect.store_conf': conf,
      'conf.d/openid_connect.store_location': location,
      'conf.d/openid_connect_store.js': shipped('openid_connect_store.js'),
    },
  };
}

/** The shipped stream {}, its server once for each of the store's. */
function storeConf(nginx: Nginx, stream: string, servers: string[], ports: number[]): string {
  const text = shipped('openid_connect.store_conf');
  const [begin, end] = [text.indexOf('    server {'), text.lastIndexOf('}')];
  const server = text.slice(begin, end);
  const engine = nginx.target === 'A' || nginx.target === 'P' ? '' : `js_engine ${nginx.engine};`;
  const each = servers.map((address, index) =>
    server
      .replace(/listen .*;/, `listen 127.0.0.1:${ports[index]}; ${stream}`)
      .replace(/js_engine .*;.*/, engine)
      .replace(/proxy_pass .*;/, `proxy_pass ${address};`),
  );
  return text.slice(0, begin) + each.join('\n') + text.slice(end);
}

/** The store as a test sees it: each operation is a request to the handler of shared-store-handler.ts at this address. */
export function remoteStore(url: string): SharedStore {
  const call = async (operation: string, args: unknown[]) => {
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ operation, args }) });
    const text = await answer.text();
    if (answer.status !== 200 && answer.status !== 507) throw new Error(`status ${answer.status}: ${text}`);
    const said = JSON.parse(text) as { result?: unknown; code?: string; detail?: string };
    if (!answer.ok) throw Object.assign(new Error(`${said.code}: ${said.detail}`), { code: said.code });
    return said.result;
  };
  return new Proxy({} as SharedStore, {
    get:
      (_, operation) =>
      (...args: unknown[]) =>
        operation === 'then' ? undefined : call(String(operation), args),
  });
}
