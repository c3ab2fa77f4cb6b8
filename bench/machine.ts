import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

/** Where it was measured. */
export interface Machine {
  machine: string;
  loadGenerator: string;
}

export function machine(): Machine {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return {
    machine: `${cpus().length} x ${cpu?.model.trim()}, ${memory} GB, Linux ${release()}, Node ${process.versions.node}`,
    loadGenerator: wrkVersion(),
  };
}

/** wrk tells its version on standard output, and exits with 1. */
function wrkVersion(): string {
  const text = execFileSync('/bin/sh', ['-c', 'wrk -v 2>&1 || true'], { encoding: 'utf8' });
  return /wrk \S+/.exec(text)?.[0] ?? 'wrk';
}
