import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** The worker has the first core for itself; load, backend, provider and this process share the second. */
export const workerCore = 0;
export const loadCore = 1;

/** What one run of the load generator showed. */
export interface Run {
  requestsPerSecond: number;
  /** Latency, µs. */
  p50: number;
  p99: number;
  /** CPU time of the worker for one request, user and system, µs. */
  cpu: number;
  /** The part of it outside the kernel. */
  user: number;
}

export interface Load {
  url: string;
  headers?: Record<string, string>;
  /** wrk script, in Lua */
  script?: string;
  /** seconds */
  duration: number;
  connections?: number;
  /** Whether answers of 4xx and 5xx are what is wanted. */
  errorsWanted?: boolean;
}

/** Moves a process and all its threads to one core. */
export function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' });
}

/** User and system CPU time of a process so far, µs; `schedstat` is the same in ns where the kernel has it. */
export function cpuTime(pid: number): number {
  try {
    const ofThread = (thread: string) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
    return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + ofThread(thread), 0) / 1000;
  } catch {
    const { user, system } = ticks(pid);
    return (user + system) * 10_000;
  }
}

/** Ticks of 10 ms. */
function ticks(pid: number): { user: number; system: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  return { user: Number(fields[11]), system: Number(fields[12]) };
}

/** Resident memory of a process, KB. */
export function residentMemory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
}

/** One run of wrk against a worker. Throws when answers are not what is wanted. */
export async function run(load: Load, workerPid: number): Promise<Run> {
  const headers = Object.entries(load.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const script = load.script === undefined ? [] : ['-s', load.script];
  const args = [
    '-t1',
    `-c${load.connections ?? 16}`,
    `-d${load.duration}s`,
    '--latency',
    ...headers,
    ...script,
    load.url,
  ];
  const before = cpuTime(workerPid);
  const ticksBefore = ticks(workerPid);
  const { stdout } = await promisify(execFile)('taskset', ['-c', String(loadCore), 'wrk', ...args]);
  const used = cpuTime(workerPid) - before;
  const ticksAfter = ticks(workerPid);
  const userTicks = ticksAfter.user - ticksBefore.user;
  const allTicks = userTicks + ticksAfter.system - ticksBefore.system;
  const bad = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0);
  if (requests === 0 || bad > 0 !== (load.errorsWanted ?? false)) {
    throw new Error(`${load.url}: ${bad} of ${requests} answers are errors:\n${stdout}`);
  }
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50: latency(stdout, '50'),
    p99: latency(stdout, '99'),
    cpu: used / requests,
    user: (used / requests) * (userTicks / Math.max(1, allTicks)),
  };
}

function latency(text: string, percentile: string): number {
  const [, number, unit] = new RegExp(`^\\s+${percentile}%\\s+([\\d.]+)(us|ms|s)`, 'm').exec(text) ?? [];
  return Number(number) * { us: 1, ms: 1000, s: 1_000_000 }[(unit ?? 'us') as 'us' | 'ms' | 's'];
}

/** What is missing to measure with, in one line; undefined when nothing is. */
export function missingTool(): string | undefined {
  for (const [tool, debianPackage] of [
    ['wrk', 'wrk'],
    ['taskset', 'util-linux'],
  ] as const) {
    try {
      execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    } catch {
      return `npm run bench needs ${tool}: apt-get install ${debianPackage}`;
    }
  }
  return undefined;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

function at(values: number[], index: number): number {
  return values[index] ?? Number.NaN;
}
