import type { Nginx } from '../../../scripts/nginx/target';
import { configureSite } from '../../../scripts/site/configure';
import { containerResolver } from '../nginx-configuration';
import { plusTemplate } from './site';

export interface PlusFiles {
  nginx: Nginx;
  listen: string;
  application: string;
  /** the lines of the guide */
  set: Record<string, string>;
  /** where NGINX may write, below the prefix */
  folder: string;
}

/** The files for NGINX Plus as an operator edits them, with all that they write in one folder. */
export function plusFiles({ nginx, listen, application, set, folder }: PlusFiles): Record<string, string> {
  const inFolder = (conf: string) =>
    conf
      .replaceAll('/var/lib/nginx/state/', `${folder}/`)
      .replaceAll('/var/cache/nginx/', `${folder}/`)
      .replaceAll('/var/log/nginx/', `${folder}/`);
  const configured = configureSite(plusTemplate('frontend.conf'), {
    listen,
    accessLog: false, // sessions.log of the test counts
    upstream: application,
    ...(nginx.image ? { resolver: containerResolver } : {}),
    set,
    alsoSet: { oidc_insecure_http_provider: '1' },
  });
  return {
    'conf.d/frontend.conf': inFolder(configured),
    'conf.d/openid_connect_configuration.conf': inFolder(plusTemplate('openid_connect_configuration.conf')),
    'conf.d/openid_connect.server_conf': plusTemplate('openid_connect.server_conf').replace('+offline_access', ''),
  };
}

/**
 * The same with what only NGINX Plus has taken out, so that every other line meets a real NGINX: a keyval variable is a
 * plain one, which lives for one request, and `auth_jwt` refuses everybody.
 */
export function onStock(files: Record<string, string>): Record<string, string> {
  const translated: Record<string, string> = {};
  const variables: string[] = [];
  for (const [path, conf] of Object.entries(files)) {
    translated[path] = conf
      .replace(/^\s*keyval\s+\$\w+\s+\$(\w+)\s+zone=\w+;/gm, (_line, variable: string) => {
        variables.push(variable);
        return '';
      })
      .replace(/^\s*(?:keyval_zone|status_zone|auth_jwt_key_(?:file|request))\s[^;]*;/gm, '')
      .replace(/^(\s*)auth_jwt\s[^;]*;/gm, '$1auth_request /_refused;')
      .replace(/^(\s*)api\s[^;]*;/gm, '$1return 200 "api\\n";');
  }
  const plain = [
    ...variables.map((name) => `set $${name} "";`),
    'set $jwt_claim_sub "alice"; set $jwt_audience "one,two";',
  ];
  translated['conf.d/frontend.conf'] = (translated['conf.d/frontend.conf'] ?? '').replace(
    /^(\s*include conf\.d\/openid_connect\.server_conf;)/m,
    `$1\n    ${plain.join(' ')}\n    location = /_refused { internal; return 401; }`,
  );
  return translated;
}
