import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDeb } from '../../scripts/release/deb';
import { thisRelease } from '../../scripts/release/project';
import { readFolder, writeTree } from '../../scripts/release/staging';

const folder = process.env.OIDC_DEB_ROOT ?? '';
if (!folder) throw new Error('the tests of the Debian package need a root folder: npm run test:deb');

/** Runs a command as root of the bare Debian, and returns all that it said. Throws an Error with it when it fails. */
export function inDebian(command: string): string {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };
  // into a file: what stays in the background would keep a pipe open
  const shell = `( ${command} ) >/tmp/said 2>&1 </dev/null; status=$?; cat /tmp/said; exit $status`;
  try {
    return execFileSync('chroot', [folder, 'sh', '-c', shell], { env, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    throw new Error(`${command}:\n${(error as { stdout: string }).stdout}`);
  }
}

export function readInDebian(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

export function writeInDebian(path: string, text: string): void {
  writeFileSync(join(folder, path), text);
}

/** Makes the package of this checkout as if it were that version, and returns its path in the bare Debian. */
export function packageOf(version: string): string {
  const release = thisRelease();
  const work = mkdtempSync(join(tmpdir(), 'deb-'));
  try {
    const files = Object.entries(readFolder(release.dist));
    const dist = join(work, 'dist');
    const stamped = files.map(([path, text]) => [path, text.toString().replaceAll(release.version, version)]);
    writeTree(dist, Object.fromEntries(stamped));
    mkdirSync(join(folder, 'tmp/packages'), { recursive: true });
    return join('/tmp/packages', makeDeb({ ...release, version, dist }, work, join(folder, 'tmp/packages')));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

export function install(deb: string, options = ''): string {
  return inDebian(`apt-get install -y --no-install-recommends ${options} ${deb}`);
}
