import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Nginx } from '../scripts/nginx/target';
import { DemoError } from './options';

export interface RunningNginx {
  /** absolute path */
  errorLog: string;
  /** of the master, which leads a process group */
  pid: number;
  /** resolves when NGINX has ended, for whatever reason */
  ended: Promise<void>;
  /** ends it gracefully, by force after 2 s, and removes its folder */
  stop(): Promise<void>;
}

const patience = 5000;

/**
 * Runs NGINX in a new folder with `files` (path below the folder to text) and conf.d/frontend.conf among them.
 * Resolves when it listens; throws a DemoError with its error log when it does not.
 * @param main more lines of nginx.conf, beside http {}
 */
export async function runNginx(
  nginx: Nginx,
  files: Record<string, string>,
  host: string,
  port: number,
  main = '',
): Promise<RunningNginx> {
  const folder = mkdtempSync(join(tmpdir(), 'openid-connect-demo-'));
  const errorLog = join(folder, 'error.log');
  mkdirSync(join(folder, 'temp'));
  for (const [name, text] of Object.entries({
    ...files,
    'nginx.conf': mainConfiguration(nginx, main),
    'error.log': '',
  })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const [binary = '', ...prefix] = nginx.command;
  const args = [...prefix, '-p', `${folder}/`, '-e', 'error.log', '-c', 'nginx.conf'];
  // a process group of its own: Ctrl-C is for this process, which then stops NGINX
  const child = spawn(binary, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let running = true;
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      said += error.message;
      resolve();
    });
    child.once('exit', () => resolve());
  }).then(() => {
    running = false;
  });

  const stop = async () => {
    for (const signal of ['SIGQUIT', 'SIGTERM', 'SIGKILL'] as const) {
      if (!running) break;
      child.kill(signal);
      await Promise.race([ended, sleep(2000)]);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  for (const end = Date.now() + patience; running && Date.now() < end; await sleep(30)) {
    if (await accepts(host, port)) return { errorLog, pid: child.pid ?? 0, ended, stop };
  }
  const log = readFileSync(errorLog, 'utf8') || said;
  await stop();
  throw new DemoError(`NGINX did not start (${nginx.source}). Its error log:\n\n${log.trim()}`);
}

function mainConfiguration(nginx: Nginx, main: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `load_module "${nginx.modulePath}";
${main}${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 2;
pid nginx.pid;
error_log error.log notice;
events { worker_connections 512; }
http {
    access_log off;
${temporary.map((name) => `    ${name}_temp_path temp/${name};`).join('\n')}
    include conf.d/frontend.conf;
}
`;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
