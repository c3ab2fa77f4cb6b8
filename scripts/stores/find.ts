import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Suite } from '../nginx/apt-download';
import { commandIn, unpackedPackages } from '../nginx/unpacked';

/** The servers that hold sessions of many machines in the tests. */
export const storeNames = ['redis-7', 'redis-8', 'valkey-8'] as const;
export type StoreName = (typeof storeNames)[number];

export interface StoreServer {
  name: StoreName;
  /** argv prefix */
  command: string[];
  /** what it says of itself */
  version: string;
}

const suiteOf: Record<StoreName, Suite> = { 'redis-7': 'bookworm', 'redis-8': 'trixie', 'valkey-8': 'trixie' };
const cache = fileURLToPath(new URL('../../.cache/stores', import.meta.url));
const found = new Map<StoreName, Promise<StoreServer>>();

/** Debian's Redis or Valkey, unpacked below `.cache/stores/<name>`. Throws an Error that says why it cannot be had. */
export function findStore(name: StoreName): Promise<StoreServer> {
  const pending = found.get(name) ?? unpackStore(name);
  found.set(name, pending);
  return pending;
}

async function unpackStore(name: StoreName): Promise<StoreServer> {
  const [kind] = name.split('-');
  const root = join(cache, name);
  const program = `usr/bin/${kind}-server`;
  const { architecture, build } = await unpackedPackages({
    root,
    suite: suiteOf[name],
    packages: [`${kind}-server`],
    isComplete: (folder) => existsSync(join(folder, program)),
    probe: async (folder, ofMachine) => {
      const [command = '', ...args] = commandIn(folder, ofMachine, program);
      const { stdout } = await promisify(execFile)(command, [...args, '--version']);
      const version = /v=(\d+)\.(\d+\.\d+)/.exec(stdout);
      if (`${kind}-${version?.[1]}` !== name) throw new Error(`Debian ${suiteOf[name]} has another one: ${stdout}`);
      return { version: `${version?.[1]}.${version?.[2]}` };
    },
  });
  return { name, command: commandIn(root, architecture, program), ...build };
}
