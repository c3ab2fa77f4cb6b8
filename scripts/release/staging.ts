import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './project';

/** Path, relative and with slashes, to what is in the file. */
export type Files = Record<string, string | Buffer>;

/** All files below a folder, sorted by path; throws when there are none. */
export function readFolder(folder: string): Files {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
  if (found.length === 0) throw new Error(`${folder} is empty`);
  return Object.fromEntries(found.map((path) => [path, readFileSync(join(folder, path))]));
}

/** What people read, of the repository's own texts. */
export function documents(): Files {
  const texts = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md', 'LICENSE'];
  return {
    ...Object.fromEntries(texts.map((name) => [name, readFileSync(root + name)])),
    ...prefixed('docs', readFolder(`${root}docs`)),
  };
}

export function prefixed(prefix: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${prefix}/${path}`, text]));
}

/** Writes a new tree, readable by all whatever the umask is; `programs` can be executed. */
export function writeTree(folder: string, files: Files, programs: readonly string[] = []): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, programs.includes(path) ? 0o755 : 0o644);
  }
  for (const path of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    if (statSync(join(folder, path)).isDirectory()) chmodSync(join(folder, path), 0o755);
  }
}
