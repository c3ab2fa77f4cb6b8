import { WebSocketServer } from 'ws';
import type { Nginx } from '../../scripts/nginx/target';
import type { StoreName } from '../../scripts/stores/find';
import { type Fault, type Nodes, storeFaults } from '../history/faults';
import type { World } from '../history/person';
import { type Surroundings, startSurroundings } from '../history/surroundings';
import { type NodeChanges, startWorld } from '../history/world';
import { freePort } from '../support/free-port';
import { njsBundle } from '../support/njs-bundle';
import { startSite } from '../support/site';
import { withLocation } from '../support/uncommented';
import { providerFaults, zoneFault } from './faults';

export interface SoakOptions {
  nginx: Nginx;
  /** where sessions are: in the zone of one node, or in a store that two nodes share */
  store: StoreName | 'zone';
}

/** The nodes of one site that is used for hours, and what can go wrong with it. */
export interface SoakWorld extends World, Nodes {
  readonly around: Surroundings;
  /** of each node: where its zones can be looked at */
  readonly tools: readonly string[];
  /** how many WebSockets are open at the application */
  openSockets(): number;
  /** what goes wrong beside reloads */
  readonly faults: readonly Fault<SoakWorld>[];
  stop(): Promise<void>;
}

/** The shortest lives that the settings allow, so that many sessions begin and end; and patience with a busy machine. */
const lives = { oidc_session_timeout: '60', oidc_session_idle_timeout: '60', oidc_provider_timeout: '10' };

export async function startSoakWorld({ nginx, store }: SoakOptions): Promise<SoakWorld> {
  const handler = await njsBundle('../soak/zones-handler.ts');
  const socketPort = await freePort();
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: socketPort });
  sockets.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data) => socket.send(String(data)));
  });
  const ports = [await freePort(), await freePort()];
  const changesOf = (number: number): NodeChanges => ({
    set: lives,
    editFrontend: (conf) => withSockets(conf, socketPort).replace('zone=oidc_sessions:64m', 'zone=oidc_sessions:2m'),
    editServer: (conf) => withLocation(conf, 'location = /_oidc_sessions'),
    http: `js_import zones from conf.d/zones.js;
      server {
        listen 127.0.0.1:${ports[number]};
        access_log off;
        location = /room { js_content zones.room; }
        location = /fill { js_content zones.fill; }
        location = /empty { js_content zones.empty; }
      }`,
    files: { 'conf.d/zones.js': handler },
  });
  const made =
    store === 'zone'
      ? await startLoneNode(nginx, changesOf(0))
      : await startWorld({ nginx, store, freshness: 2, nodes: 2, site: (_, number) => changesOf(number) });
  return {
    ...made,
    tools: made.nodes.map((_, number) => `http://127.0.0.1:${ports[number]}`),
    openSockets: () => sockets.clients.size,
    faults: [
      ...providerFaults,
      ...('primary' in made
        ? storeFaults.map((fault): Fault<SoakWorld> => ({ ...fault, happen: (_, dice) => fault.happen(made, dice) }))
        : [zoneFault]),
    ],
    async stop() {
      await made.stop();
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

async function startLoneNode(nginx: Nginx, { set = {}, ...changes }: NodeChanges) {
  const around = await startSurroundings();
  const site = await startSite({
    nginx,
    issuer: around.provider.issuer,
    application: around.application.address,
    workers: 2,
    changes: { alsoSet: { oidc_base_url: `http://${around.host}`, oidc_provider_timeout: '4', ...set } },
    ...changes,
  });
  return {
    ...around,
    around,
    nodes: [site.url],
    machines: [{ nginx: site.nginx }],
    async stop() {
      await site.stop();
      await around.stop();
    },
  };
}

function withSockets(conf: string, port: number): string {
  const location = `location /live {
        auth_request /_oidc_auth;
        error_page 401 = @do_oidc_flow;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_pass http://127.0.0.1:${port};
    }

    location / {`;
  if (!conf.includes('    location / {\n        auth_request')) throw new Error('frontend.conf has no location /');
  return conf.replace('location / {', location);
}
