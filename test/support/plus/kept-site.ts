import { readFileSync } from 'node:fs';
import type { Nginx } from '../../../scripts/nginx/target';
import type { CognitoProvider } from '../cognito-provider';
import { freePort } from '../free-port';
import { containerResolver, engineDirective } from '../nginx-configuration';
import { type NginxProcess, startNginx } from '../nginx-process';
import { shipped, testHmacKey } from '../site';
import { authJwtLocation, claimVariables, standInFiles, stockConfiguration } from './stock-translation';

const names = ['openid_connect_configuration.conf', 'openid_connect.server_conf', 'frontend.conf'] as const;
export type KeptFile = (typeof names)[number];

export interface KeptSiteOptions {
  nginx: Nginx;
  cognito: CognitoProvider;
  /** host:port */
  application: string;
  /** files of another release, or an operator's changes */
  edit?: (conf: string, name: KeptFile) => string;
}

/** Configuration files of the reference implementation with our openid_connect.js, on NGINX Plus or translated. */
export async function startKeptSite(options: KeptSiteOptions): Promise<{ url: string; process: NginxProcess }> {
  const { nginx, cognito, application, edit = (conf) => conf } = options;
  const port = await freePort();
  const values: Record<string, string> = {
    DOMAIN: cognito.domain,
    JWKS: cognito.jwksUri,
    ISSUER: cognito.issuer,
    CLIENT: cognito.client.id,
    SECRET: cognito.client.secret,
    HMAC: testHmacKey,
    LISTEN: `127.0.0.1:${port}`,
    APPLICATION: application,
  };
  const isPlus = nginx.target === 'P';
  const kept = (name: KeptFile) =>
    edit(readFileSync(new URL(`./kept/${name}`, import.meta.url), 'utf8'), name)
      .replace(/@([A-Z]+)@/g, (_, key: string) => values[key] ?? '')
      .replace('127.0.0.53', nginx.image ? containerResolver : '127.0.0.53');
  const files = Object.fromEntries(
    names.map((name) => [`conf.d/${name}`, isPlus ? kept(name) : stockConfiguration(kept(name))]),
  );
  if (!isPlus) {
    files['conf.d/openid_connect.server_conf'] += authJwtLocation;
    Object.assign(files, standInFiles(kept('openid_connect_configuration.conf')));
  }
  const process = await startNginx({
    nginx,
    files: { ...files, 'conf.d/openid_connect.js': shipped('plus/openid_connect.js') },
    http: `${isPlus ? '' : `${engineDirective(nginx)}\n${claimVariables}`}\ninclude conf.d/*.conf;`,
  });
  return { url: `http://127.0.0.1:${port}`, process };
}
