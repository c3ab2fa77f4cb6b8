import type { Nginx } from '../../scripts/nginx/target';
import type { StoreConnection } from '../../scripts/site/configure-store';
import type { SharedStore } from '../../src/store/shared-store';
import { freePorts } from './free-port';
import { engineDirective } from './nginx-configuration';
import { type NginxProcess, startNginx } from './nginx-process';
import { njsBundle } from './njs-bundle';
import { remoteStore, storeOptions } from './shared-store';

/** One NGINX that asks a store, by the test's handler. */
export interface StoreSite {
  store: SharedStore;
  url: string;
  nginx: NginxProcess;
}

export async function startStoreSite(
  nginx: Nginx,
  servers: (number | string)[],
  more: Partial<Pick<StoreConnection, 'stream' | 'account'>> & { workers?: number } = {},
): Promise<StoreSite> {
  const [port = 0, ...ports] = await freePorts(1 + servers.length);
  const addresses = servers.map((server) => (typeof server === 'number' ? `127.0.0.1:${server}` : server));
  const { main, http, files } = storeOptions({ nginx, servers: addresses, ports, ...more });
  const url = `http://127.0.0.1:${port}`;
  const process = await startNginx({
    nginx,
    main,
    workers: more.workers ?? 2,
    files: { ...files, 'conf.d/handler.js': await njsBundle('shared-store-handler.ts') },
    http: `${engineDirective(nginx)}
      js_import handler from conf.d/handler.js;
      ${http}
      server {
        listen 127.0.0.1:${port};
        access_log off;
        include conf.d/openid_connect.store_location;
        location / { client_max_body_size 8m; client_body_buffer_size 8m; js_content handler.call; }
      }`,
  });
  return { store: remoteStore(url), url, nginx: process };
}
