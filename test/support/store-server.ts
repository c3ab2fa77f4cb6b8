import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findStore, type StoreName } from '../../scripts/stores/find';
import { freePort } from './free-port';
import { guardGroup, signalGroup, waitUntil } from './processes';

export interface StoreOptions {
  /** lines of its configuration: ['maxmemory', '5mb'] */
  config?: [string, ...string[]][];
  /** a free one unless told */
  port?: number;
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
  start(): Promise<void>;
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
  const config = [
    ['port', String(port)],
    ['bind', '127.0.0.1'],
    ['dir', dir],
    ['appendonly', 'yes'],
    ['appendfsync', 'always'],
    ['save', ''],
    ...(options.replicaOf ? [['replicaof', '127.0.0.1', String(options.replicaOf)]] : []),
    ...(options.config ?? []),
  ];
  const args = config.flatMap(([key, ...values]) => [`--${key}`, ...values]);
  let child: ChildProcess | undefined;
  let callOffGuard = () => {};
  const isRunning = () => child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const log = () => readFileSync(join(dir, 'log'), 'utf8');

  const store: RunningStore = {
    name,
    port,
    dir,
    command: (...parts) => ask(port, parts),
    start: async () => {
      const output = openSync(join(dir, 'log'), 'a');
      child = spawn(binary, [...prefix, ...args], { stdio: ['ignore', output, output], detached: true });
      closeSync(output);
      if (child.pid) callOffGuard = guardGroup(child.pid, dir);
      const began = log().length;
      await waitUntil('the store starts', () => !isRunning() || /eady to accept/.test(log().slice(began)));
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

/** One command on a connection of its own, with a small reader of RESP2. */
function ask(port: number, parts: string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let data = '';
    socket.setTimeout(5000, () => socket.destroy(new Error('the store does not answer')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the store ended the connection')));
    socket.on('data', (chunk) => {
      data += chunk.toString('latin1');
      const read = readReply(data, 0);
      if (!read) return;
      socket.destroy();
      if (read.value instanceof Error) reject(read.value);
      else resolve(read.value);
    });
    const text = parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('');
    socket.write(`*${parts.length}\r\n${text}`);
  });
}

function readReply(data: string, from: number): { value: unknown; end: number } | undefined {
  const lineEnd = data.indexOf('\r\n', from);
  if (lineEnd < 0) return undefined;
  const [kind, line, next] = [data[from], data.slice(from + 1, lineEnd), lineEnd + 2];
  if (kind === '-') return { value: new Error(line), end: next };
  if (kind === ':' || kind === '+') return { value: line, end: next };
  const length = Number(line);
  if (length < 0) return { value: null, end: next };
  if (kind === '$') {
    const end = next + length + 2;
    return data.length >= end ? { value: data.slice(next, end - 2), end } : undefined;
  }
  const values: unknown[] = [];
  let end = next;
  for (let count = 0; count < length; count++) {
    const one = readReply(data, end);
    if (!one) return undefined;
    values.push(one.value);
    end = one.end;
  }
  return { value: values, end };
}
