import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Nginx } from '../../scripts/nginx/target';

/** What `nginx -t` is asked about. */
export interface Configuration {
  nginx: Nginx;
  /** lines of the main context */
  main?: string;
  http: string;
  /** below the prefix: path to content */
  files: Record<string, string>;
  /** whether the lines of `main` load the JavaScript module themselves */
  loadsModule?: boolean;
}

const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/**
 * What `nginx -t` says against a configuration; '' when it is taken. Absolute paths below /etc/nginx, /var/log/nginx and
 * /etc/ssl/private, and certificates of sites, are looked for below the prefix; `modules/` is the folder of the modules.
 */
export function refusal({ nginx, main = '', http, files, loadsModule = false }: Configuration): string {
  const dir = mkdtempSync(join(tmpdir(), 'nginx-test-'));
  try {
    const modules = dirname(nginx.modulePath);
    symlinkSync(modules, join(dir, 'modules'));
    mkdirSync(join(dir, 'log'));
    mkdirSync(join(dir, 'temp'));
    const conf = [
      process.getuid?.() === 0 ? 'user root;' : '',
      'pid nginx.pid;',
      ...(nginx.main ? [nginx.main] : []),
      ...(loadsModule ? [] : [`load_module "${nginx.modulePath}";`]),
      main,
      'events {}',
      'http {',
      'access_log off;',
      ...kinds.map((kind) => `${kind}_temp_path temp/${kind};`),
      http,
      '}\n',
    ].join('\n');
    for (const [name, text] of Object.entries({ ...files, 'nginx.conf': conf })) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), below(dir, text));
    }
    const [binary = '', ...prefix] = nginx.command;
    const args = [...prefix, '-t', '-p', `${dir}/`, '-e', 'error.log', '-c', 'nginx.conf'];
    const { status, stderr } = spawnSync(binary, args, { encoding: 'utf8', timeout: 20_000 });
    return status === 0 ? '' : stderr || `nginx -t ended with ${status}`;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** load_module lines for those of these modules that are not part of the binary: what Debian's modules-enabled does. */
export function loadLines(nginx: Nginx, names: string[]): string {
  const paths = names.map((name) => join(dirname(nginx.modulePath), `${name}.so`));
  return paths
    .filter((path) => existsSync(path))
    .map((path) => `load_module "${path}";\n`)
    .join('');
}

function below(dir: string, text: string): string {
  return text
    .replaceAll('/var/log/nginx/', `${dir}/log/`)
    .replaceAll('/etc/nginx/', `${dir}/`)
    .replace(/\/etc\/ssl\/(?:certs|private)\/(?!ca-certificates\.crt)/g, `${dir}/`);
}
