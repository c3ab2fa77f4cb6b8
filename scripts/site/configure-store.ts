import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Nginx } from '../nginx/target';

/** Where the store that several machines share is, and how this NGINX reaches it. */
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
  /** its `set` lines: { oidc_store_freshness: '0' } */
  settings?: Record<string, string>;
}

/** What docs/many-machines.md has an operator add. */
export interface ConfiguredStore {
  /** lines of nginx.conf beside http {} */
  main: string;
  /** the line of http {} */
  upstream: string;
  /** below the prefix */
  files: Record<string, string>;
}

/**
 * The shipped files of the store with addresses, account and settings in them.
 * @param shipped the text of a file of dist/
 * @throws an Error that names what a text does not have
 */
export function configureStore(connection: StoreConnection, shipped: (name: string) => string): ConfiguredStore {
  const { nginx, ports, account = {}, settings = {} } = connection;
  const modules = ['ngx_stream_module.so', 'ngx_stream_js_module.so'].map((name) =>
    join(dirname(nginx.modulePath), name),
  );
  const load = modules.filter((path) => nginx.image || existsSync(path)).map((path) => `load_module "${path}";`);
  let location = shipped('openid_connect.store_location');
  for (const [name, value] of Object.entries(account)) {
    location = replaceLine(
      location,
      new RegExp(`proxy_set_header ${name}\\s[^;]*;`),
      `proxy_set_header ${name} "${value}";`,
    );
  }
  for (const [name, value] of Object.entries(settings)) {
    location = replaceLine(location, new RegExp(`set \\$${name} .*;`), `set $${name} ${value};`);
  }
  const servers = ports.map((port) => `server 127.0.0.1:${port} max_fails=1 fail_timeout=1s;`).join(' ');
  return {
    main: `${load.join('\n')}\ninclude conf.d/openid_connect.store_conf;\n`,
    upstream: `upstream oidc_store { ${servers} keepalive 64; }`,
    files: {
      'conf.d/openid_connect.store_conf': streamConf(shipped('openid_connect.store_conf'), connection),
      'conf.d/openid_connect.store_location': location,
      'conf.d/openid_connect_store.js': shipped('openid_connect_store.js'),
    },
  };
}

/** frontend.conf with the lines uncommented that include openid_connect.store_location; its upstream stands elsewhere. */
export function includeStore(frontendConf: string): string {
  return replaceLine(frontendConf, /# (include conf\.d\/openid_connect\.store_location;)/g, '$1');
}

/** The shipped stream {}, its server once for each of the store's. */
function streamConf(conf: string, { nginx, servers, ports, stream = '' }: StoreConnection): string {
  const [begin, end] = [conf.indexOf('    server {'), conf.lastIndexOf('}')];
  const engine = nginx.target === 'A' || nginx.target === 'P' ? '' : `js_engine ${nginx.engine};`;
  const each = servers.map((address, index) =>
    [
      [/listen .*;/, `listen 127.0.0.1:${ports[index]}; ${stream}`] as const,
      [/js_engine .*;.*/, engine] as const,
      [/proxy_pass .*;/, `proxy_pass ${address};`] as const,
    ].reduce((server, [line, text]) => replaceLine(server, line, text), conf.slice(begin, end)),
  );
  return conf.slice(0, begin) + each.join('\n') + conf.slice(end);
}

function replaceLine(conf: string, line: RegExp, text: string): string {
  if (conf.search(line) < 0) throw new Error(`the configuration has no line like: ${line.source}`);
  return conf.replace(line, text);
}
