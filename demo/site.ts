import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { Nginx } from '../scripts/nginx/target';
import { configureSite, replaceDirective } from '../scripts/site/configure';
import { DemoError } from './options';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** The addresses of the demo's parts, and the client's credentials. */
export interface SiteOptions {
  nginx: Nginx;
  host: string;
  port: number;
  gatePort: number;
  issuer: string;
  /** host:port */
  application: string;
  clientId: string;
  clientSecret: string;
  /** a new one unless told: several nodes of one site have the same */
  hmacKey?: string;
  /** where people reach it, when that is not the port that it listens on */
  baseUrl?: string;
  /** what the application is told that it is called */
  name?: string;
}

/** The shipped files for NGINX's conf.d, path to text, with the demo's addresses in them. Throws DemoError. */
export function siteFiles(options: SiteOptions): Record<string, string> {
  const { nginx } = options;
  const frontend = configureSite(shipped('frontend.conf'), {
    jsEngine: nginx.target === 'A' ? false : nginx.engine,
    listen: `${options.host}:${options.port}`,
    gate: `127.0.0.1:${options.gatePort}`,
    upstream: options.application,
    accessLog: false,
    set: {
      oidc_issuer: options.issuer,
      oidc_client: options.clientId,
      oidc_client_secret: options.clientSecret,
      oidc_hmac_key: options.hmacKey ?? randomBytes(32).toString('hex'),
      ...(options.baseUrl === undefined ? {} : { oidc_base_url: options.baseUrl }),
    },
    alsoSet: { oidc_insecure_http_provider: '1' },
    variables: ['access_token', 'oidc_session_renews', 'oidc_session_expires'],
    proxyHeaders: {
      Authorization: 'Bearer $access_token',
      'X-Oidc-Session-Renews': '$oidc_session_renews',
      'X-Oidc-Session-Expires': '$oidc_session_expires',
      ...(options.name === undefined ? {} : { 'X-Node': options.name }),
    },
  });
  return {
    'conf.d/frontend.conf': frontend,
    'conf.d/openid_connect.js': shipped('openid_connect.js'),
    'conf.d/openid_connect_njs.js': shipped('openid_connect_njs.js'),
    ...serverFiles(shipped('openid_connect.server_conf')),
  };
}

/** A machine without ca-certificates has no file to verify providers with: Node's own list stands in. */
function serverFiles(serverConf: string): Record<string, string> {
  const path = /^\s*proxy_ssl_trusted_certificate\s+([^\s;]+);/m.exec(serverConf)?.[1];
  if (!path || existsSync(path)) return { 'conf.d/openid_connect.server_conf': serverConf };
  return {
    'conf.d/openid_connect.server_conf': replaceDirective(
      serverConf,
      'proxy_ssl_trusted_certificate',
      'authorities.pem',
    ),
    'authorities.pem': rootCertificates.join('\n'),
  };
}

export function shipped(name: string): string {
  try {
    return readFileSync(dist + name, 'utf8');
  } catch {
    throw new DemoError(`dist/${name} is missing: npm run build`);
  }
}
