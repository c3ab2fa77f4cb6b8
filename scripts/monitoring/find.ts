import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { commandIn, unpackedPackages } from '../nginx/unpacked';

/** Prometheus and its checker. */
export interface Prometheus {
  /** argv prefixes */
  prometheus: string[];
  promtool: string[];
  /** what it says of itself */
  version: string;
}

const root = fileURLToPath(new URL('../../.cache/monitoring/prometheus', import.meta.url));
let found: Promise<Prometheus> | undefined;

/** Debian's Prometheus, unpacked below `.cache/monitoring`. Throws an Error that says why it cannot be had. */
export function findPrometheus(): Promise<Prometheus> {
  found ??= unpackPrometheus();
  return found;
}

async function unpackPrometheus(): Promise<Prometheus> {
  const program = 'usr/bin/promtool';
  const { architecture, build } = await unpackedPackages({
    root,
    suite: 'trixie',
    packages: ['prometheus'],
    isComplete: (folder) => existsSync(join(folder, program)),
    probe: async (folder, ofMachine) => {
      const [command = '', ...args] = commandIn(folder, ofMachine, program);
      const { stdout, stderr } = await promisify(execFile)(command, [...args, '--version']);
      const version = /version (\d+\.\d+\.\d+)/.exec(stdout + stderr)?.[1];
      if (!version) throw new Error(`promtool does not tell its version: ${stdout}${stderr}`);
      return { version };
    },
  });
  const command = (name: string) => commandIn(root, architecture, `usr/bin/${name}`);
  return { prometheus: command('prometheus'), promtool: command('promtool'), ...build };
}
