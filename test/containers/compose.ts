import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The compose file at work. */
export interface Compose {
  /** the copy of the project that it runs from */
  folder: string;
  /** runs `docker compose` with these arguments; resolves with what it printed */
  run(...args: string[]): Promise<string>;
  /** stops it all, with its volumes, and removes the copy */
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const notCopied = ['node_modules', 'dist', '.git', '.cache', 'test', 'bench'];

/** Copies the project to a folder of its own and starts it by its compose files. Throws an Error with what compose said. */
export async function startCompose(files: string[], settings: Record<string, string>): Promise<Compose> {
  const folder = mkdtempSync(join(tmpdir(), 'compose-'));
  cpSync(root, folder, { recursive: true, filter: (path) => !notCopied.includes(basename(path)) });
  const { run } = composeProject(folder, files, settings);
  const stop = async () => {
    await run('down', '--volumes', '--timeout', '1');
    rmSync(folder, { recursive: true });
  };
  try {
    await run('up', '--detach', '--build');
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  return { folder, run, stop };
}

/** What runs compose in a folder, with its files there; the folder's name, in lower case, is the project's. */
export function composeProject(
  folder: string,
  files: string[],
  settings: Record<string, string>,
): Pick<Compose, 'run'> {
  const [binary = '', ...first] = composeCommand();
  const fileArguments = files.flatMap((file) => ['-f', file]);
  const env = { ...process.env, ...settings };
  return {
    run: async (...args) => {
      const all = [...first, ...fileArguments, '-p', basename(folder).toLowerCase(), ...args];
      const { stdout, stderr } = await promisify(execFile)(binary, all, { cwd: folder, env, timeout: 170_000 });
      return stdout + stderr;
    },
  };
}

function composeCommand(): string[] {
  const candidates = [['docker', 'compose'], ['docker-compose']];
  const found = candidates.find(([binary = '', ...args]) => spawnSync(binary, [...args, 'version']).status === 0);
  if (!found) throw new Error('neither `docker compose` nor `docker-compose` is here: apt-get install docker-compose');
  return found;
}
