import { readFileSync } from 'node:fs';
import { childrenOf } from '../support/processes';
import type { SoakWorld } from './world';

/** What one node holds, while nobody asks it anything. */
export interface Measured {
  /** ms since 1970 */
  at: number;
  /** of each worker that serves: the memory of its own, in KB, and what it shares, in proportion */
  workers: { pid: number; own: number; pss: number }[];
  /** workers that should be gone */
  lingering: number;
  zones: Record<string, Zone>;
}

export interface Zone {
  capacity: number;
  /** bytes */
  free: number;
  /** how many entries, by what stands before the first colon of the key */
  kinds: Record<string, number>;
}

export async function measure(world: SoakWorld, node: number): Promise<Measured> {
  const nginx = world.machines[node]?.nginx;
  if (!nginx) throw new Error(`no node ${node}`);
  const serving = nginx.workers();
  const all = childrenOf(nginx.pid).filter(({ title }) => title.includes('worker process'));
  const answer = await fetch(`${world.tools[node]}/room`);
  return {
    at: Date.now(),
    workers: serving.map((pid) => ({ pid, ...memoryOf(pid) })).sort((a, b) => a.pid - b.pid),
    lingering: all.length - serving.length,
    zones: (await answer.json()) as Measured['zones'],
  };
}

/** How many sessions a node counts: what the operator's page says. */
export async function countSessions(world: SoakWorld, node: number): Promise<number> {
  const answer = await fetch(`${world.nodes[node]}/_oidc_sessions`);
  return ((await answer.json()) as { sessions: number }).sessions;
}

function memoryOf(pid: number): { own: number; pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  return { own: kb('Private_Dirty'), pss: kb('Pss') };
}
