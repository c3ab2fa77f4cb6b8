import { setTimeout as sleep } from 'node:timers/promises';
import type { Nginx } from '../../scripts/nginx/target';
import { includeStore } from '../../scripts/site/configure-store';
import type { StoreName } from '../../scripts/stores/find';
import { type Agent, createAgent } from '../support/agent';
import { startEchoApplication } from '../support/echo-application';
import { freePort, freePorts } from '../support/free-port';
import { logoutClaims } from '../support/logout-claims';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import type { NginxProcess } from '../support/nginx-process';
import { NoAnswer } from '../support/no-answer';
import { storeOptions } from '../support/shared-store';
import { startSite } from '../support/site';
import { type RunningStore, startStore } from '../support/store-server';
import { newHistory } from './history';
import { type Link, startLink } from './link';
import type { World } from './person';

export interface WorldOptions {
  nginx: Nginx;
  store: StoreName;
  /** `$oidc_store_freshness`, seconds */
  freshness: number;
  /** how many; the last of them has a clock that is 10 s ahead, where `env` says how */
  nodes: number;
  /** the environment of the last node */
  env?: Record<string, string>;
}

export interface RunningNode {
  readonly nginx: NginxProcess;
  readonly link: Link;
}

/** Several nodes of one site, their store and its replica, the provider, and what can go wrong with them. */
export interface RunningWorld extends World {
  readonly machines: readonly RunningNode[];
  /** The store that the nodes reach. */
  primary: RunningStore;
  replica: RunningStore;
  stop(): Promise<void>;
}

export async function startWorld(options: WorldOptions): Promise<RunningWorld> {
  const history = newHistory();
  const provider = await startMisbehavingProvider();
  const application = await startEchoApplication();
  const config: [string, string][] = [['repl-diskless-sync-delay', '0']];
  const primary = await startStore(options.store, { config });
  const replica = await startStore(options.store, { config, replicaOf: primary.port });
  const host = `127.0.0.1:${await freePort()}`;
  const askedBy = new Map<string, string>();
  identify(provider, askedBy);
  provider.does.expiresIn = 4;
  provider.respond('/token', ({ form, at }) => {
    const token = form.get('refresh_token');
    if (token !== null) history.tokenUses.push({ token, at });
    return undefined;
  });

  const settings = { oidc_store_freshness: String(options.freshness) };

  const start = async (number: number) => {
    const link = await startLink(primary.port);
    const [port = 0] = await freePorts(1);
    const servers = [`127.0.0.1:${link.port}`];
    const store = storeOptions({ nginx: options.nginx, servers, ports: [port], settings });
    const site = await startSite({
      nginx: options.nginx,
      issuer: provider.issuer,
      application: application.address,
      workers: 2,
      changes: {
        alsoSet: { oidc_base_url: `http://${host}`, oidc_provider_timeout: '4' },
      },
      editFrontend: includeStore,
      ...store,
      env: number === options.nodes - 1 ? (options.env ?? {}) : {},
    });
    return { ...site, link };
  };
  const nodes = await Promise.all(Array.from({ length: options.nodes }, (_, number) => start(number)));

  let sessions = 0;
  const caller: Agent = createAgent({ 'sec-fetch-site': undefined });
  const world: RunningWorld = {
    history,
    host,
    nodes: nodes.map(({ url }) => url),
    askedBy,
    machines: nodes,
    primary,
    replica,
    nextSession: () => ++sessions,
    async signOutAtProvider(person, node) {
      const token = await provider.logoutToken(
        logoutClaims({ iss: provider.issuer, aud: provider.client.id }, { sub: person }),
      );
      const answer = await caller
        .xhr(`${node}/back_channel_logout`, { method: 'POST', form: { logout_token: token }, headers: { host } })
        .catch((error) => {
          if (error instanceof NoAnswer) return undefined;
          throw error;
        });
      return answer?.status === 200;
    },
    async stop() {
      await caller.close();
      for (const { link, nginx } of nodes) {
        await nginx.stop();
        await link.stop();
      }
      for (const store of [world.primary, world.replica]) await store.stop();
      await provider.stop();
      await application.stop();
    },
  };
  return world;
}

/** The provider signs in whoever asked with this nonce, and knows them again by the `sid` when tokens are renewed. */
function identify(provider: MisbehavingProvider, askedBy: Map<string, string>): void {
  const personOf = new Map<unknown, string>();
  provider.does.metadata = ({ userinfo_endpoint: _, ...others }) => others;
  provider.does.idToken = (claims) => {
    const asked = askedBy.get(String(claims.nonce));
    if (asked !== undefined) personOf.set(claims.sid, asked);
    const person = personOf.get(claims.sid);
    if (person === undefined) throw new Error('nobody asked for this token');
    return { ...claims, sub: person, name: person };
  };
}

/** Everything as it was: what a fault leaves is undone. */
export async function settle(world: RunningWorld): Promise<void> {
  for (const { link } of world.machines) link.restore();
  await sleep(4000);
}
