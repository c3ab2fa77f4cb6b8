import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../scripts/stores/ask';
import { findStore } from '../scripts/stores/find';
import { DemoError } from './options';

export interface StorePair {
  /** what it is, for the person */
  version: string;
  primary: { pid: number; port: number };
  replica: { pid: number; port: number };
  stop(): Promise<void>;
}

const patience = 5000;

/**
 * A Valkey and its replica, with append-only files in a folder that goes with them. When the primary ends, the replica
 * takes its place, as a managed service or Sentinel would do it.
 * @param tell hears what happened
 */
export async function startStorePair(
  host: string,
  ports: { primary: number; replica: number },
  password: string,
  tell: (text: string) => void,
): Promise<StorePair> {
  const found = await findStore('valkey-8').catch((error: Error) => {
    throw new DemoError(error.message);
  });
  const folder = mkdtempSync(join(tmpdir(), 'openid-connect-store-'));
  const children: ChildProcess[] = [];
  let stopping = false;
  const start = async (port: number, more: string[]) => {
    const [binary = '', ...prefix] = found.command;
    const options = ['port', port, 'bind', host, 'dir', folder, 'save', '', 'appendonly', 'yes', 'logfile', 'log'];
    const own = [
      'repl-diskless-sync-delay',
      '0',
      'appenddirname',
      `aof-${port}`,
      'requirepass',
      password,
      'masterauth',
      password,
      ...more,
    ];
    const args = [...options, ...own].map((word, index) => (index % 2 === 0 ? `--${word}` : String(word)));
    const child = spawn(binary, [...prefix, ...args], { stdio: 'ignore', detached: true });
    children.push(child);
    for (const end = Date.now() + patience; Date.now() < end; await sleep(30)) {
      if ((await ask(port, ['PING'], password).catch(() => undefined)) === 'PONG') return child;
      if (child.exitCode !== null) break;
    }
    throw new DemoError(`Valkey did not start on port ${port}:\n\n${readFileSync(join(folder, 'log'), 'utf8').trim()}`);
  };
  const stop = async () => {
    stopping = true;
    for (const child of children) child.kill('SIGKILL');
    await sleep(50);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const primary = await start(ports.primary, []);
    const replica = await start(ports.replica, ['replicaof', `${host} ${ports.primary}`]);
    for (const end = Date.now() + patience; ; await sleep(30)) {
      const state = String(await ask(ports.replica, ['INFO', 'replication'], password));
      if (state.includes('master_link_status:up')) break;
      if (Date.now() > end) throw new DemoError('the replica of Valkey does not reach it');
    }
    primary.once('exit', async () => {
      if (stopping) return;
      await ask(ports.replica, ['REPLICAOF', 'NO', 'ONE'], password);
      tell(`the store's primary is gone; the replica on port ${ports.replica} took its place`);
    });
    return {
      version: found.version,
      primary: { pid: primary.pid ?? 0, port: ports.primary },
      replica: { pid: replica.pid ?? 0, port: ports.replica },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
