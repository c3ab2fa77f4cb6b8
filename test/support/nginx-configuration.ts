import type { Nginx } from '../../scripts/nginx/target';

/** What to start, and with which configuration. */
export interface NginxOptions {
  nginx: Nginx;
  /** extra lines of the main context */
  main?: string;
  /** the whole content of http{} except temp paths and access_log; see engineDirective() */
  http: string;
  /** 2 unless told */
  workers?: number;
  /** of each worker; 1024 unless told */
  connections?: number;
  /** written below the prefix before the start: path to content, such as 'conf.d/openid_connect.js' */
  files?: Record<string, string>;
  /** variables that NGINX and its workers get on top of the own ones */
  env?: Record<string, string>;
  /** of the error log; info unless told */
  logLevel?: 'debug' | 'info' | 'notice' | 'warn' | 'error';
}

/** The js_engine line for http{} on this target; none on A, whose njs knows one engine only, and on P, whose njs may. */
export function engineDirective(nginx: Nginx): string {
  return nginx.target === 'A' || nginx.target === 'P' ? '' : `js_engine ${nginx.engine};`;
}

/** Docker's own name server, in every container on a network of its own. */
export const containerResolver = '127.0.0.11 valid=5s ipv6=off';

/** The whole nginx.conf; every path in it is below the prefix. */
export function configuration({
  nginx,
  main = '',
  http,
  workers = 2,
  connections = 1024,
  env = {},
  logLevel = 'info',
}: NginxOptions): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return [
    `load_module "${nginx.modulePath}";`,
    process.getuid?.() === 0 ? 'user root;' : '',
    'daemon off;',
    'master_process on;',
    `worker_processes ${workers};`,
    'pid nginx.pid;',
    `error_log error.log ${logLevel};`,
    ...Object.keys(env).map((name) => `env ${name};`),
    nginx.main ?? '',
    main,
    `events { worker_connections ${connections}; }`,
    'http {',
    'access_log access.log;',
    nginx.image ? `resolver ${containerResolver};` : '',
    ...kinds.map((kind) => `${kind}_temp_path temp/${kind};`),
    http,
    '}',
    '',
  ].join('\n');
}
