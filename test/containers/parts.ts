import { GenericContainer, Network, type StartedNetwork, type StartedTestContainer, Wait } from 'testcontainers';
import { inject } from 'vitest';
import { demoClient } from '../../demo/provider';
import { configureSite } from '../../scripts/site/configure';
import { shipped, testHmacKey } from '../support/site';
import type { SiteImage } from './images';

type Mounts = Parameters<GenericContainer['withBindMounts']>[0];

/** A private network and what was started on it; stop() takes everything down, the network last. */
export interface PrivateNetwork {
  network: StartedNetwork;
  started: StartedTestContainer[];
  stop(): Promise<void>;
}

export async function startNetwork(): Promise<PrivateNetwork> {
  const network = await new Network().start();
  const started: StartedTestContainer[] = [];
  return {
    network,
    started,
    stop: async () => {
      await Promise.all(started.map((container) => container.stop({ timeout: 1000 }).catch(() => undefined)));
      await network.stop();
    },
  };
}

/** A part of the demo under a name on the network, and on this machine's port where one is given; on when it says so. */
export async function startPart(
  on: PrivateNetwork,
  part: 'provider' | 'application',
  alias: string,
  environment: Record<string, string>,
  ports: number[] = [],
): Promise<StartedTestContainer> {
  const container = await new GenericContainer(inject('demoImage'))
    .withNetwork(on.network)
    .withNetworkAliases(alias)
    .withCommand([part])
    .withEnvironment(environment)
    .withExposedPorts(...ports.map((port) => ({ container: port, host: port })))
    .withWaitStrategy(Wait.forLogMessage(/^(Provider|Application) /))
    .start();
  on.started.push(container);
  return container;
}

/** The demo's provider as provider.test, on the same port inside and on this machine: one issuer for NGINX and browsers. */
export async function startProviderPart(on: PrivateNetwork, port: number, sites: string[]) {
  const issuer = `http://provider.test:${port}`;
  const environment = { PORT: String(port), ISSUER: issuer, SITE: sites.join(' ') };
  return { issuer, container: await startPart(on, 'provider', 'provider.test', environment, [port]) };
}

/** The demo's application as app.test:9011, reachable on the network only. */
export function startApplicationPart(on: PrivateNetwork): Promise<StartedTestContainer> {
  return startPart(on, 'application', 'app.test', { PORT: '9011' });
}

/** What the demo's client, the addresses above and docs/containers.md ask the image to be told. */
export function siteEnvironment(image: SiteImage, issuer: string, port: number): Record<string, string> {
  const { client_id, client_secret } = demoClient();
  return {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT: client_id,
    OIDC_CLIENT_SECRET: client_secret,
    OIDC_HMAC_KEY: testHmacKey,
    OIDC_LISTEN: String(port),
    OIDC_JS_ENGINE: engineOf(image),
    OIDC_INSECURE_HTTP_PROVIDER: issuer.startsWith('http:') ? '1' : '0',
    UPSTREAM: 'app.test:9011',
  };
}

/** The product's image, as docs/containers.md says to run it: read-only, without capabilities. */
export class SiteContainer extends GenericContainer {
  constructor(on: PrivateNetwork, image: string, environment: Record<string, string>, ports: number[]) {
    super(image);
    this.hostConfig.ReadonlyRootfs = true;
    this.hostConfig.CapDrop = ['ALL'];
    this.withNetwork(on.network)
      .withTmpFs({ '/tmp': 'rw,mode=1777' })
      .withEnvironment(environment)
      .withExposedPorts(...ports.map((port) => ({ container: port, host: port })));
  }

  async startOn(on: PrivateNetwork): Promise<StartedTestContainer> {
    const container = await this.start();
    on.started.push(container);
    return container;
  }
}

/** The shipped files for NGINX's own image, as they are mounted at /etc/nginx/conf.d: name to text. Several nodes share a base URL. */
export function shippedFiles(image: SiteImage, issuer: string, port: number, baseUrl: string): Record<string, string> {
  const { client_id, client_secret } = demoClient();
  return {
    'frontend.conf': configureSite(shipped('frontend.conf'), {
      jsEngine: engineOf(image) === 'qjs' ? 'qjs' : false,
      listen: port,
      upstream: 'app.test:9011',
      resolver: '127.0.0.11 valid=5s ipv6=off',
      set: {
        oidc_issuer: issuer,
        oidc_client: client_id,
        oidc_client_secret: client_secret,
        oidc_hmac_key: testHmacKey,
        oidc_base_url: baseUrl,
      },
      alsoSet: { oidc_insecure_http_provider: '1' },
    }),
    'openid_connect.server_conf': shipped('openid_connect.server_conf'),
    'openid_connect.js': shipped('openid_connect.js'),
    'openid_connect_njs.js': shipped('openid_connect_njs.js'),
  };
}

/** Runs NGINX's own image with these mounts; its nginx.conf gets the load_module line that frontend.conf asks for. */
export function plainContainer(on: PrivateNetwork, image: SiteImage, port: number, mounts: Mounts) {
  const start = `{ echo 'load_module modules/ngx_http_js_module.so;'; cat /etc/nginx/nginx.conf; } >/tmp/nginx.conf &&
    cat /tmp/nginx.conf >/etc/nginx/nginx.conf && exec nginx -g 'daemon off;'`;
  return new GenericContainer(image.base)
    .withNetwork(on.network)
    .withBindMounts(mounts)
    .withEntrypoint(['sh', '-c', start])
    .withExposedPorts({ container: port, host: port });
}

export function engineOf(image: SiteImage): 'qjs' | 'njs' {
  return image.engines.includes('qjs') ? 'qjs' : 'njs';
}
