import type { Nginx } from '../../scripts/nginx/target';
import { includeStore } from '../../scripts/site/configure-store';
import { freePorts } from './free-port';
import { storeOptions } from './shared-store';
import { type Site, type SiteOptions, startSite } from './site';

export interface ClusterOptions
  extends Omit<SiteOptions, 'port' | 'gatePort' | 'http' | 'files' | 'main' | 'editFrontend'> {
  nginx: Nginx;
  /** ports or addresses of the store, or of what stands between: one list for all nodes, or one for each */
  stores: string[] | string[][];
  nodes: number;
  /** `set` lines of openid_connect.store_location: { oidc_store_freshness: '0' } */
  store?: Record<string, string>;
  account?: Record<string, string>;
}

/** Several NGINX of one site, which people know under one address, with their sessions in a store. */
export async function startCluster(options: ClusterOptions): Promise<Site[]> {
  const { nodes, stores, store = {}, account = {}, changes = {}, ...site } = options;
  const ports = await freePorts(nodes * 2);
  const start = (number: number) => {
    const servers = Array.isArray(stores[number]) ? (stores[number] as string[]) : (stores as string[]);
    const ofStore = { servers, ports: [ports[nodes + number] as number], account, settings: store };
    return startSite({
      ...site,
      ...storeOptions({ nginx: site.nginx, ...ofStore }),
      port: ports[number] as number,
      changes: { ...changes, alsoSet: { oidc_base_url: `http://127.0.0.1:${ports[0]}`, ...changes.alsoSet } },
      editFrontend: includeStore,
    });
  };
  return Promise.all(Array.from({ length: nodes }, (_, number) => start(number)));
}
