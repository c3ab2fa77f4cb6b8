import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Release } from './project';
import { documents, prefixed, readFolder, writeTree } from './staging';

/**
 * Makes openid-connect-VERSION.tar.gz in the folder `out`: the files for open-source NGINX, those for NGINX Plus in plus/,
 * and the documents. Needs GNU tar and gzip. Returns the file's name.
 */
export function makeTarball(release: Release, work: string, out: string): string {
  const name = `openid-connect-${release.version}`;
  writeTree(join(work, 'tarball'), prefixed(name, { ...readFolder(release.dist), ...documents() }));
  const order = ['--sort=name', '--format=ustar', `--mtime=@${release.epoch}`];
  const owner = ['--owner=0', '--group=0', '--numeric-owner'];
  const args = ['-C', join(work, 'tarball'), ...order, ...owner, '-cf', '-', name];
  const tar = execFileSync('tar', args, { maxBuffer: 1 << 28 });
  writeFileSync(join(out, `${name}.tar.gz`), execFileSync('gzip', ['-9n'], { input: tar, maxBuffer: 1 << 28 }));
  return `${name}.tar.gz`;
}
