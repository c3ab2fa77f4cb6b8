import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ChildProcessEntry {
  pid: number;
  /** what `ps` shows */
  title: string;
}

/** The living children of a process, from /proc. */
export function childrenOf(parent: number): ChildProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [state, ppid] = readFileSync(`/proc/${name}/stat`, 'latin1')
          .replace(/^.*\) /s, '')
          .split(' ');
        if (Number(ppid) !== parent || state === 'Z') return [];
        return [{ pid: Number(name), title: readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ') }];
      } catch {
        return []; // it ended meanwhile
      }
    });
}

/** A process's pid as it knows it itself: another one inside a container. */
export function ownPid(pid: number): number {
  const inside = /^NSpid:.*\s(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return inside ? Number(inside) : pid;
}

/** Waits until a condition holds, looking every 10 ms; throws an Error naming it after `timeout` ms. */
export async function waitUntil(what: string, condition: () => boolean, timeout = 10_000): Promise<void> {
  for (const end = Date.now() + timeout; !condition(); await sleep(10)) {
    if (Date.now() > end) throw new Error(`waited ${timeout} ms in vain: ${what}`);
  }
}

/** Signals a process group; a group that is gone is fine. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * A guard that ends a process group and removes a folder once this process is gone, however it ends: it waits on a
 * pipe whose other side only this process holds. Returns what calls the guard off.
 */
export function guardGroup(leader: number, dir: string): () => void {
  const script = 'read -r line; [ "$line" = done ] || { kill -s KILL -- "-$0"; rm -rf -- "$1"; }';
  const guard = spawn('/bin/sh', ['-c', script, String(leader), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  guard.stdin.on('error', () => undefined);
  (guard.stdin as unknown as { unref?: () => void }).unref?.();
  return () => {
    guard.stdin.end('done\n');
  };
}
