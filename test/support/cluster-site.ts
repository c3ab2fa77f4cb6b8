import type { Nginx } from '../../scripts/nginx/target';
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
    const options = storeOptions({ nginx: site.nginx, servers, ports: [ports[nodes + number] as number], account });
    const location = 'conf.d/openid_connect.store_location';
    return startSite({
      ...site,
      ...options,
      files: { ...options.files, [location]: withSettings(options.files[location] as string, store) },
      port: ports[number] as number,
      changes: { ...changes, alsoSet: { oidc_base_url: `http://127.0.0.1:${ports[0]}`, ...changes.alsoSet } },
      editFrontend: withStore,
    });
  };
  return Promise.all(Array.from({ length: nodes }, (_, number) => start(number)));
}

/** The lines of frontend.conf that a shared store needs; its upstream comes with the store's options. */
export function withStore(conf: string): string {
  const line = /# (include conf\.d\/openid_connect\.store_location;)/g;
  if (!line.test(conf)) throw new Error('frontend.conf does not say how a store is included');
  return conf.replace(line, '$1');
}

/** The `set` lines of openid_connect.store_location with other values. */
export function withSettings(location: string, values: Record<string, string>): string {
  return Object.entries(values).reduce((text, [name, value]) => {
    const line = new RegExp(`set \\$${name} .*;`);
    if (!line.test(text)) throw new Error(`openid_connect.store_location does not set $${name}`);
    return text.replace(line, `set $${name} ${value};`);
  }, location);
}
