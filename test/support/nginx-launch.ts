import { spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NginxOptions } from './nginx-configuration';

/** A master process that was started, whether it came up or not; the leader of its process group. */
export interface Launched {
  /** undefined when there is no process to signal */
  readonly pid: number | undefined;
  isRunning(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** after the end: what is left of it outside the folder */
  remove(): Promise<void>;
}

/** Starts NGINX as a child process; what it says before it can log is in `<dir>/stderr`. */
export async function launchProcess({ nginx, env }: NginxOptions, dir: string): Promise<Launched> {
  const [binary = '', ...prefix] = nginx.command;
  const args = [...prefix, '-p', `${dir}/`, '-e', 'error.log', '-c', 'nginx.conf'];
  const stderr = openSync(join(dir, 'stderr'), 'w');
  const child = spawn(binary, args, {
    stdio: ['ignore', stderr, stderr],
    detached: true,
    env: { ...process.env, ...env },
  });
  closeSync(stderr);
  child.on('error', (error) => writeFileSync(join(dir, 'stderr'), error.message));
  return {
    pid: child.pid,
    isRunning: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    signal: (signal) => {
      child.kill(signal);
    },
    remove: async () => undefined,
  };
}
