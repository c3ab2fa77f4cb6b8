import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Nginx } from '../../scripts/nginx/target';
import { configureSite, type SiteChanges } from '../../scripts/site/configure';
import { realmOf, type Scope, siteOf } from '../../src/session/session-id';
import { freePort } from './free-port';
import { containerResolver } from './nginx-configuration';
import { type NginxProcess, startNginx } from './nginx-process';

export interface SiteOptions {
  nginx: Nginx;
  /** a free one unless told */
  port?: number;
  /** the gate's; a free one unless told */
  gatePort?: number;
  issuer: string;
  /** host:port of the application behind NGINX */
  application: string;
  /** more changes of the shipped frontend.conf */
  changes?: SiteChanges;
  /** edits of the shipped files, for what SiteChanges cannot say */
  editFrontend?: (conf: string) => string;
  editServer?: (conf: string) => string;
  /** PEM: people reach it by https */
  tls?: { cert: string; key: string };
  /** more of http{}, more files below the prefix, more of the main context */
  http?: string;
  files?: Record<string, string>;
  main?: string;
  workers?: number;
  connections?: number;
  env?: Record<string, string>;
}

/** The shipped files on a real NGINX in front of an application. */
export interface Site {
  /** http://127.0.0.1:port, or https */
  url: string;
  port: number;
  nginx: NginxProcess;
  stop(): Promise<void>;
}

export const testClient = { id: 'test-client', secret: 'test-client-secret-of-32-characters' };
export const testHmacKey = 'a-key-for-tests-only-0123456789abcdef';

/** The scope of this client's sessions, as the site's configuration makes it. */
export function testScope(issuer: string): Scope {
  return { site: siteOf(realmOf(testClient.id, issuer, ''), testHmacKey), cookieName: 'auth_token' };
}

/** Starts NGINX with dist/, only addresses, `set` values and what the options ask for changed. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const port = options.port ?? (await freePort());
  const { nginx, changes = {} } = options;
  const frontend = configureSite(shipped('frontend.conf'), {
    jsEngine: nginx.target === 'A' || nginx.target === 'P' ? false : nginx.engine,
    listen: `127.0.0.1:${port}${options.tls ? ' ssl; ssl_certificate site.pem; ssl_certificate_key site.key' : ''}`,
    gate: `127.0.0.1:${options.gatePort ?? (await freePort())}`,
    upstream: options.application,
    accessLog: false,
    ...(nginx.image ? { resolver: containerResolver } : {}),
    ...changes,
    set: {
      oidc_issuer: options.issuer,
      oidc_client: testClient.id,
      oidc_client_secret: testClient.secret,
      oidc_hmac_key: testHmacKey,
      ...changes.set,
    },
    alsoSet: { oidc_insecure_http_provider: '1', ...changes.alsoSet },
  });
  const same = (conf: string) => conf;
  const process = await startNginx({
    nginx,
    workers: options.workers ?? 2,
    connections: options.connections ?? 1024,
    main: options.main ?? '',
    http: `include conf.d/frontend.conf;\n${options.http ?? ''}`,
    env: options.env ?? {},
    files: {
      'conf.d/frontend.conf': (options.editFrontend ?? same)(frontend),
      'conf.d/openid_connect.server_conf': (options.editServer ?? same)(shipped('openid_connect.server_conf')),
      'conf.d/openid_connect.js': shipped('openid_connect.js'),
      'conf.d/openid_connect_njs.js': shipped('openid_connect_njs.js'),
      'conf.d/openid_connect_eddsa.js': shipped('openid_connect_eddsa.js'),
      'conf.d/openid_connect_operator.js': shipped('openid_connect_operator.js'),
      ...shippedTexts(),
      ...(options.tls ? { 'site.pem': options.tls.cert, 'site.key': options.tls.key } : {}),
      ...options.files,
    },
  });
  const url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  return { url, port, nginx: process, stop: () => process.stop() };
}

export function shipped(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../dist/${name}`, import.meta.url)), 'utf8');
}

/** What pages say in other languages, as it is beside the script. */
export function shippedTexts(): Record<string, string> {
  const folder = 'openid_connect.texts';
  const names = readdirSync(new URL(`../../dist/${folder}/`, import.meta.url));
  return Object.fromEntries(names.map((name) => [`conf.d/${folder}/${name}`, shipped(`${folder}/${name}`)]));
}
