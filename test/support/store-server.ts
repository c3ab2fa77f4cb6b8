import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from '../../scripts/stores/ask';
import { findStore, type StoreName } from '../../scripts/stores/find';
import { freePort } from './free-port';
import { guardGroup, signalGroup, waitUntil } from './processes';

export interface StoreOptions {
  /** lines of its configuration: ['maxmemory', '5mb'] */
  config?: [string, ...string[]][];
  /** a free one unless told */
  port?: number;
  /** of the default user, for command() */
  password?: string;
  /** makes it a replica of the store on this port */
  replicaOf?: number;
}

/** A Redis or Valkey on 127.0.0.1 with an append-only file, in a folder of its own. */
export interface RunningStore {
  readonly name: StoreName;
  readonly port: number;
  readonly dir: string;
  /** One command; resolves with the answer as text, nil as null, a list as an array; rejects on an error. */
  command(...parts: string[]): Promise<unknown>;
  /** kill -9; start() begins with what the append-only file has */
  kill(): Promise<void>;
  /** @param more lines of its configuration; it may still be loading when `ready` is false */
  start(more?: StoreOptions['config'], ready?: boolean): Promise<void>;
  /** SIGSTOP and SIGCONT */
  freeze(): void;
  thaw(): void;
  /** ends it and removes the folder */
  stop(): Promise<void>;
}

export async function startStore(name: StoreName, options: StoreOptions = {}): Promise<RunningStore> {
  const server = await findStore(name);
  const port = options.port ?? (await freePort());
  const dir = mkdtempSync(join(tmpdir(), 'store-test-'));
  const [binary = '', ...prefix] = server.command;
  const config: [string, ...string[]][] = [
    ['port', String(port)],
    ['bind', '127.0.0.1'],
    ['dir', dir],
    ['appendonly', 'yes'],
    ['appendfsync', 'always'],
    ['save', ''],
    ['repl-diskless-sync-delay', '0'],
    ...(options.password ? [['requirepass', options.password] as [string, string]] : []),
    ...(options.config ?? []),
  ];
  const args = argsOf(config);
  /** What REPLICAOF said last: a replica that was promoted stays so when it starts again. */
  let primary = options.replicaOf === undefined ? [] : ['127.0.0.1', String(options.replicaOf)];
  let child: ChildProcess | undefined;
  let callOffGuard = () => {};
  const isRunning = () => child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const log = () => readFileSync(join(dir, 'log'), 'utf8');

  const store: RunningStore = {
    name,
    port,
    dir,
    command: (...parts) => {
      if (parts[0] === 'REPLICAOF') primary = parts[1] === 'NO' ? [] : parts.slice(1);
      return ask(port, parts, options.password);
    },
    start: async (more = [], ready = true) => {
      const output = openSync(join(dir, 'log'), 'a');
      const began = log().length;
      child = spawn(
        binary,
        [...prefix, ...args, ...(primary.length ? ['--replicaof', ...primary] : []), ...argsOf(more)],
        {
          stdio: ['ignore', output, output],
          detached: true,
        },
      );
      closeSync(output);
      if (child.pid) callOffGuard = guardGroup(child.pid, dir);
      const awaited = ready ? /eady to accept/ : /Server initialized/;
      await waitUntil('the store starts', () => !isRunning() || awaited.test(log().slice(began)), 20_000);
      if (!isRunning()) throw new Error(`${name} did not start:\n${log()}`);
    },
    kill: async () => {
      callOffGuard();
      if (child?.pid) signalGroup(child.pid, 'SIGKILL');
      await waitUntil('the store ends', () => !isRunning());
    },
    freeze: () => child?.pid && signalGroup(child.pid, 'SIGSTOP'),
    thaw: () => child?.pid && signalGroup(child.pid, 'SIGCONT'),
    stop: async () => {
      await store.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await store.start();
  return store;
}

function argsOf(config: [string, ...string[]][]): string[] {
  return config.flatMap(([key, ...values]) => [`--${key}`, ...values]);
}
