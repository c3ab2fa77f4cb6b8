import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { download, type Suite } from './apt-download';
import { machineDebianSource } from './apt-sources';

const run = promisify(execFile);
const loaders: Record<string, { triplet: string; loader: string }> = {
  amd64: { triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/** Packages of a suite, and what is worth remembering of them. */
export interface Wanted<T> {
  /** the folder to unpack to, whose name is its own; it is kept, and used again */
  root: string;
  suite: Suite;
  packages: readonly string[];
  /** looks at what was unpacked */
  probe(unpacked: string, architecture: string): Promise<T>;
  /** whether what an earlier run unpacked will do */
  isComplete(root: string): boolean;
}

export interface Unpacked<T> {
  architecture: string;
  /** what `probe` found */
  build: T;
}

/**
 * Debian's packages with every library they need, unpacked into a folder, to be run through their own loader: nothing
 * is installed, no root is needed. Unpacked once; delete the folder for newer ones. Throws an Error that says why it cannot
 * be done here.
 */
export async function unpackedPackages<T>(wanted: Wanted<T>): Promise<Unpacked<T>> {
  const { root, suite, packages } = wanted;
  const architecture = await debianArchitecture();
  const read = () => readMarker(wanted, architecture);
  const known = await read();
  if (known) return known;

  const mirror = machineDebianSource();
  if (!mirror) throw new Error("the machine's apt sources name no Debian mirror");
  const cache = dirname(root);
  await removeAbandoned(cache);
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, `.${basename(root)}-`));
  try {
    const unpacked = join(work, 'unpacked');
    await download(work, suite, architecture, mirror, packages);
    await unpack(join(work, 'cache', 'archives'), unpacked);
    const marker: Unpacked<T> = { architecture, build: await wanted.probe(unpacked, architecture) };
    await writeFile(join(unpacked, 'build.json'), JSON.stringify(marker));
    await putInPlace(unpacked, root, async () => (await read()) !== undefined);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const build = await read();
  if (!build) throw new Error(`${root} was removed by somebody else meanwhile`);
  return build;
}

/** argv prefix of a program among unpacked packages: behind its own loader. */
export function commandIn(root: string, architecture: string, program: string): string[] {
  const { triplet = '', loader = '' } = loaders[architecture] ?? {};
  const folders = [join(root, 'usr/lib', triplet), join(root, 'lib', triplet)];
  const ownLoader = folders.map((folder) => join(folder, loader)).find((file) => existsSync(file)) ?? loader;
  return [ownLoader, '--inhibit-cache', '--library-path', folders.join(':'), join(root, program)];
}

async function debianArchitecture(): Promise<string> {
  const { stdout } = await run('dpkg', ['--print-architecture']).catch(() => {
    throw new Error('this machine has no dpkg and apt-get');
  });
  const architecture = stdout.trim();
  if (!loaders[architecture]) throw new Error(`the processor architecture ${architecture} is not supported`);
  return architecture;
}

async function readMarker<T>({ root, isComplete }: Wanted<T>, architecture: string): Promise<Unpacked<T> | undefined> {
  try {
    const marker = JSON.parse(await readFile(join(root, 'build.json'), 'utf8')) as Unpacked<T>;
    return marker.architecture === architecture && isComplete(root) ? marker : undefined;
  } catch {
    return undefined;
  }
}

async function unpack(archives: string, into: string): Promise<void> {
  await mkdir(into);
  await chmod(into, 0o755);
  for (const name of await readdir(archives)) {
    if (name.endsWith('.deb')) await run('dpkg', ['-x', join(archives, name), into]);
  }
}

/** Renames; whoever comes second keeps what the first put there. */
async function putInPlace(from: string, to: string, isGood: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (await isGood()) return;
      if (attempt === 2) throw error;
      await rename(to, join(dirname(from), `replaced-${attempt}`)).catch(() => undefined);
    }
  }
}

async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache).catch(() => [])) {
    const path = join(cache, name);
    const hourOld = (await stat(path).catch(() => undefined))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (name.startsWith('.') && hourOld < Date.now() - 3_600_000) await rm(path, { recursive: true, force: true });
  }
}
