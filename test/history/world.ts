import { setTimeout as sleep } from 'node:timers/promises';
import type { Nginx } from '../../scripts/nginx/target';
import { includeStore } from '../../scripts/site/configure-store';
import type { StoreName } from '../../scripts/stores/find';
import { freePorts } from '../support/free-port';
import type { NginxProcess } from '../support/nginx-process';
import { storeOptions } from '../support/shared-store';
import { type SiteOptions, startSite } from '../support/site';
import { type RunningStore, startStore } from '../support/store-server';
import { type Link, startLink } from './link';
import type { World } from './person';
import { type Surroundings, startSurroundings } from './surroundings';

export interface WorldOptions {
  nginx: Nginx;
  store: StoreName;
  /** `$oidc_store_freshness`, seconds */
  freshness: number;
  /** how many; the last of them has a clock that is 10 s ahead, where `env` says how */
  nodes: number;
  /** the environment of the last node */
  env?: Record<string, string>;
  /** what is different at each node's site */
  site?: (around: Surroundings, node: number) => NodeChanges;
}

/** What differs from the shipped files beside addresses and the store. */
export interface NodeChanges extends Pick<SiteOptions, 'editFrontend' | 'editServer' | 'http' | 'files'> {
  set?: Record<string, string>;
}

export interface RunningNode {
  readonly nginx: NginxProcess;
  readonly link: Link;
}

/** Several nodes of one site, their store and its replica, the provider, and what can go wrong with them. */
export interface RunningWorld extends World {
  readonly around: Surroundings;
  readonly machines: readonly RunningNode[];
  /** The store that the nodes reach. */
  primary: RunningStore;
  replica: RunningStore;
  stop(): Promise<void>;
}

export async function startWorld(options: WorldOptions): Promise<RunningWorld> {
  const around = await startSurroundings();
  const { provider, application, host, history, askedBy } = around;
  const config: [string, string][] = [['repl-diskless-sync-delay', '0']];
  const primary = await startStore(options.store, { config });
  const replica = await startStore(options.store, { config, replicaOf: primary.port });

  const settings = { oidc_store_freshness: String(options.freshness) };

  const start = async (number: number) => {
    const link = await startLink(primary.port);
    const [port = 0] = await freePorts(1);
    const servers = [`127.0.0.1:${link.port}`];
    const store = storeOptions({ nginx: options.nginx, servers, ports: [port], settings });
    const changes = options.site?.(around, number) ?? {};
    const edit = changes.editFrontend ?? ((conf: string) => conf);
    const site = await startSite({
      nginx: options.nginx,
      issuer: provider.issuer,
      application: application.address,
      workers: 2,
      changes: {
        alsoSet: { oidc_base_url: `http://${host}`, oidc_provider_timeout: '4', ...changes.set },
      },
      editFrontend: (conf) => edit(includeStore(conf)),
      ...(changes.editServer ? { editServer: changes.editServer } : {}),
      main: store.main,
      http: store.http + (changes.http ?? ''),
      files: { ...store.files, ...changes.files },
      env: number === options.nodes - 1 ? (options.env ?? {}) : {},
    });
    return { ...site, link };
  };
  const nodes = await Promise.all(Array.from({ length: options.nodes }, (_, number) => start(number)));

  const world: RunningWorld = {
    history,
    host,
    nodes: nodes.map(({ url }) => url),
    askedBy,
    around,
    machines: nodes,
    primary,
    replica,
    nextSession: around.nextSession,
    signOutAtProvider: around.signOutAtProvider,
    async stop() {
      for (const { link, nginx } of nodes) {
        await nginx.stop();
        await link.stop();
      }
      for (const store of [world.primary, world.replica]) await store.stop();
      await around.stop();
    },
  };
  return world;
}

/** Everything as it was: what a fault leaves is undone. */
export async function settle(world: RunningWorld): Promise<void> {
  for (const { link } of world.machines) link.restore();
  await sleep(4000);
}
