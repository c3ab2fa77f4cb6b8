import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDeb } from './deb';
import type { Release } from './project';
import { makeSbom } from './sbom';
import { makeTarball } from './tarball';

/**
 * Makes all files of a release in the folder `out`, which is emptied first, and SHA256SUMS of them. The same release gives
 * the same bytes. Returns their names.
 */
export async function makeRelease(release: Release, out: string): Promise<string[]> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    const names = [makeTarball(release, work, out), makeDeb(release, work, out), await makeSbom(release, out)];
    const sums = names.map((name) => `${sha256(join(out, name))}  ${name}\n`);
    writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
    return [...names, 'SHA256SUMS'];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
