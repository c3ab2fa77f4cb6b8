import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Nginx } from '../../scripts/nginx/target';
import { configuration, type NginxOptions } from './nginx-configuration';
import { type Launched, launchProcess } from './nginx-launch';
import { createLogCheck } from './nginx-log';
import { childrenOf, guardGroup, ownPid, signalGroup, waitUntil } from './processes';

/** A running NGINX: a master and its workers, in a prefix folder of its own. */
export interface NginxProcess {
  readonly nginx: Nginx;
  /** the prefix, which relative paths in the configuration start from: nginx.conf, error.log, access.log, temp folders and `files` */
  readonly dir: string;
  /** of the master */
  readonly pid: number;
  readonly running: boolean;
  /** pids of the workers that serve; without those that are shutting down */
  workers(): number[];
  /** SIGHUP; resolves when new workers serve and the old ones are gone or told to quit; throws when NGINX refuses the configuration */
  reload(): Promise<void>;
  /** ends NGINX gracefully, by force after 3 s, and removes the folder */
  stop(): Promise<void>;
  /** as stop(), but the folder stays for start() */
  stopKeepingState(): Promise<void>;
  /** starts again after stopKeepingState(), in the same folder with the same configuration */
  start(): Promise<void>;
  /** kill -9 of one worker; resolves with its pid when another has taken its place; its log lines are expected */
  killWorker(): Promise<number>;
  /** what NGINX wrote so far; still there after stop() */
  errorLog(): string;
  accessLog(): string;
  /** severe log lines that match are all right, up to the next acceptLog() */
  expectLog(pattern: RegExp): void;
  /** lines at [error], [alert], [crit], [emerg] that nobody expected, since the last acceptLog() */
  unexpectedErrors(): string[];
  /** takes the log so far as dealt with and forgets the expectations */
  acceptLog(): void;
}

/** A worker that ends takes its connections along, also those over which another one asks the gate; NGINX asks anew. */
const brokenGateConnection =
  /(?:prematurely closed connection|recv\(\) failed|writev\(\) failed).* subrequest: "\/_oidc_auth"/;

/** Every NGINX that this process started, for those that show logs and clean up. */
export const startedProcesses = new Set<NginxProcess>();

/** Starts NGINX with a master and workers; resolves when they serve. Throws an Error with its log when it does not start. */
export async function startNginx(options: NginxOptions): Promise<NginxProcess> {
  const { nginx, workers = 2 } = options;
  const dir = mkdtempSync(join(tmpdir(), 'nginx-test-'));
  writeFiles(dir, { ...options.files, 'nginx.conf': configuration(options) });
  const check = createLogCheck();
  const lastLogs = { error: '', access: '' };
  const read = (name: 'error' | 'access') => {
    const path = join(dir, `${name}.log`);
    if (existsSync(path)) lastLogs[name] = readFileSync(path, 'utf8');
    return lastLogs[name];
  };
  let master: Launched | undefined;
  let callOffGuard = () => {};
  const isRunning = () => master?.isRunning() ?? false;
  const masterPid = () => master?.pid ?? 0;
  const allWorkers = () => childrenOf(masterPid()).filter(({ title }) => title.includes('worker process'));
  const serving = () => allWorkers().filter(({ title }) => !title.includes('shutting down'));

  const instance: NginxProcess = {
    nginx,
    dir,
    get pid() {
      return masterPid();
    },
    get running() {
      return isRunning();
    },
    workers: () => serving().map(({ pid }) => pid),
    start: async () => {
      if (isRunning()) throw new Error('NGINX runs already');
      rmSync(join(dir, 'nginx.pid'), { force: true });
      const launch = nginx.image ? (await import('./nginx-in-container')).launchContainer : launchProcess;
      master = await launch(options, dir);
      if (master.pid) callOffGuard = guardGroup(master.pid, dir);
      const isReady = () => existsSync(join(dir, 'nginx.pid')) && serving().length >= workers;
      await waitUntil('NGINX starts', () => !isRunning() || isReady()).catch(() => undefined);
      if (isRunning() && isReady()) return;
      await instance.stopKeepingState();
      throw new Error(
        `NGINX did not start (${nginx.source}):\n${readFileSync(join(dir, 'stderr'), 'utf8')}${read('error')}`,
      );
    },
    stopKeepingState: async () => {
      for (const signal of ['SIGQUIT', 'SIGTERM'] as const) {
        if (!isRunning()) break;
        master?.signal(signal);
        await waitUntil('NGINX ends', () => !isRunning(), 1500).catch(() => undefined);
      }
      if (master?.pid) signalGroup(master.pid, 'SIGKILL');
      await waitUntil('NGINX ends', () => !isRunning());
      await master?.remove();
      callOffGuard();
    },
    stop: async () => {
      await instance.stopKeepingState();
      read('error');
      read('access');
      rmSync(dir, { recursive: true, force: true });
    },
    reload: async () => {
      const old = new Set(instance.workers());
      const logged = read('error').length;
      check.expect(brokenGateConnection);
      master?.signal('SIGHUP');
      const refused = () => read('error').slice(logged).includes('[emerg]');
      const isDone = () => {
        const now = instance.workers();
        return now.length >= workers && !now.some((pid) => old.has(pid));
      };
      await waitUntil('NGINX reloads', () => refused() || isDone());
      if (refused()) throw new Error(`NGINX refused to reload:\n${read('error').slice(logged)}`);
    },
    killWorker: async () => {
      const [victim] = instance.workers();
      if (victim === undefined) throw new Error('NGINX has no worker');
      const itself = ownPid(victim);
      check.expect(new RegExp(`worker process ${itself} exited on signal 9|was locked by ${itself}\\b`));
      check.expect(brokenGateConnection);
      process.kill(victim, 'SIGKILL');
      await waitUntil('a worker takes the place of the killed one', () => {
        const now = instance.workers();
        return now.length >= workers && !now.includes(victim);
      });
      return victim;
    },
    errorLog: () => read('error'),
    accessLog: () => read('access'),
    expectLog: check.expect,
    unexpectedErrors: () => check.unexpected(read('error')),
    acceptLog: () => check.accept(read('error')),
  };
  startedProcesses.add(instance);
  try {
    await instance.start();
  } catch (error) {
    startedProcesses.delete(instance);
    await instance.stop();
    throw error;
  }
  return instance;
}

function writeFiles(dir: string, files: Record<string, string>): void {
  mkdirSync(join(dir, 'temp'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
}
