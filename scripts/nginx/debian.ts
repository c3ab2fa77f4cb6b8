import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { download, type Suite } from './apt-download';
import { machineDebianSource } from './apt-sources';
import { type Build, probeBuild } from './build';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('../../.cache/nginx', import.meta.url));
const loaders: Record<string, { triplet: string; loader: string }> = {
  amd64: { triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

interface Marker {
  architecture: string;
  build: Pick<Build, 'version' | 'njsVersion' | 'engines'>;
}

/**
 * Debian's own NGINX packages of a suite with every library they need, unpacked below `.cache/nginx/<suite>` and run
 * through their own loader: nothing is installed, no root is needed. Unpacked once; delete the folder for newer ones.
 * Throws an Error that says why it cannot be done here.
 */
export async function debianBuild(suite: Suite): Promise<Build> {
  const architecture = await debianArchitecture();
  const root = join(cache, suite);
  const known = await readBuild(root, suite, architecture);
  if (known) return known;

  const mirror = machineDebianSource();
  if (!mirror) throw new Error("the machine's apt sources name no Debian mirror");
  await removeAbandoned();
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, `.${suite}-`));
  try {
    const unpacked = join(work, 'unpacked');
    await download(work, suite, architecture, mirror);
    await unpack(join(work, 'cache', 'archives'), unpacked);
    const paths = runPaths(unpacked, architecture);
    const { version, njsVersion, engines } = await probeBuild(paths.command, paths.modulePath, suite);
    const marker: Marker = { architecture, build: { version, njsVersion, engines } };
    await writeFile(join(unpacked, 'build.json'), JSON.stringify(marker));
    await putInPlace(unpacked, root, async () => (await readBuild(root, suite, architecture)) !== undefined);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const build = await readBuild(root, suite, architecture);
  if (!build) throw new Error(`${root} was removed by somebody else meanwhile`);
  return build;
}

async function debianArchitecture(): Promise<string> {
  const { stdout } = await run('dpkg', ['--print-architecture']).catch(() => {
    throw new Error('this machine has no dpkg and apt-get');
  });
  const architecture = stdout.trim();
  if (!loaders[architecture]) throw new Error(`the processor architecture ${architecture} is not supported`);
  return architecture;
}

function runPaths(root: string, architecture: string): Pick<Build, 'command' | 'modulePath'> {
  const { triplet = '', loader = '' } = loaders[architecture] ?? {};
  const libraries = join(root, 'usr/lib', triplet);
  return {
    command: [
      join(libraries, loader),
      '--inhibit-cache',
      '--library-path',
      `${libraries}:${join(root, 'lib', triplet)}`,
      join(root, 'usr/sbin/nginx'),
    ],
    modulePath: join(root, 'usr/lib/nginx/modules/ngx_http_js_module.so'),
  };
}

async function readBuild(root: string, suite: Suite, architecture: string): Promise<Build | undefined> {
  try {
    const marker = JSON.parse(await readFile(join(root, 'build.json'), 'utf8')) as Marker;
    if (marker.architecture !== architecture) return undefined;
    return { ...runPaths(root, architecture), ...marker.build, source: `Debian ${suite} packages in ${root}` };
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

async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(cache).catch(() => [])) {
    const path = join(cache, name);
    const hourOld = (await stat(path).catch(() => undefined))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (name.startsWith('.') && hourOld < Date.now() - 3_600_000) await rm(path, { recursive: true, force: true });
  }
}
