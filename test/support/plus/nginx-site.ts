import type { Nginx } from '../../../scripts/nginx/target';
import { configureSite } from '../../../scripts/site/configure';
import type { CognitoProvider } from '../cognito-provider';
import { guideDirectives } from '../cognito-site';
import { freePort } from '../free-port';
import { containerResolver, engineDirective } from '../nginx-configuration';
import { type NginxProcess, startNginx } from '../nginx-process';
import { shipped } from '../site';
import { authJwtLocation, claimVariables, standInFiles, stockConfiguration } from './stock-translation';

export interface PlusNginxSite {
  url: string;
  nginx: NginxProcess;
  /** a zone, as the API of NGINX Plus shows it */
  zone(name: string): Promise<Record<string, string>>;
  /** changes values of a zone through the API */
  patch(name: string, values: Record<string, string>): Promise<void>;
  /** empties a zone through the API */
  clear(name: string): Promise<void>;
}

export interface PlusNginxOptions {
  nginx: Nginx;
  cognito: CognitoProvider;
  /** host:port */
  application: string;
  set?: Record<string, string>;
  editFrontend?: (conf: string) => string;
  editServer?: (conf: string) => string;
  editShared?: (conf: string) => string;
}

/**
 * dist/plus on a real NGINX Plus (target P), else translated for stock NGINX; addresses, folders and `set` values
 * changed as an operator would.
 */
export async function startPlusNginx(options: PlusNginxOptions): Promise<PlusNginxSite> {
  const { nginx, cognito, application, set = {} } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const same = (conf: string) => conf;
  const frontend = configureSite(shipped('plus/frontend.conf'), {
    listen: `127.0.0.1:${port}`,
    upstream: application,
    ...(nginx.image ? { resolver: containerResolver } : {}),
    set: guideDirectives(cognito),
    alsoSet: { oidc_insecure_http_provider: '1', ...set },
  });
  const shared = (options.editShared ?? same)(shipped('plus/openid_connect_configuration.conf')).replaceAll(
    '/var/lib/nginx/state/',
    'temp/',
  );
  const translated = nginx.target !== 'P';
  const translate = translated ? stockConfiguration : same;
  const server = (options.editServer ?? same)(
    shipped('plus/openid_connect.server_conf').replace('+offline_access', ''),
  );
  const process = await startNginx({
    nginx,
    files: {
      'conf.d/openid_connect_configuration.conf': translate(shared.replace('/var/cache/nginx/jwk', 'temp/jwk')),
      'conf.d/frontend.conf': translate((options.editFrontend ?? same)(frontend).replace('/var/log/nginx/', '')),
      'conf.d/openid_connect.server_conf': translate(server) + (translated ? `\n${authJwtLocation}\n` : ''),
      'conf.d/openid_connect.js': shipped('plus/openid_connect.js'),
      ...(translated ? standInFiles(shared) : {}),
    },
    http: [translated ? `${engineDirective(nginx)}\n${claimVariables}` : '', 'include conf.d/*.conf;'].join('\n'),
  });
  cognito.allow(`${url}/_codexch`, `${url}/_logout`);
  const keyvals = async (name: string, method: string, values?: Record<string, string>) => {
    const body = values ? { body: JSON.stringify(values) } : {};
    const answer = await fetch(`${url}/api/9/http/keyvals/${name}`, { method, ...body });
    if (!answer.ok) throw new Error(`the API answers ${answer.status}`);
    return answer;
  };
  return {
    url,
    nginx: process,
    zone: async (name) => (await keyvals(name, 'GET')).json() as Promise<Record<string, string>>,
    patch: async (name, values) => void (await keyvals(name, 'PATCH', values)),
    clear: async (name) => void (await keyvals(name, 'DELETE')),
  };
}
