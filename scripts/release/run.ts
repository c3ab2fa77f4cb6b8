// npm run release: the files of a release in dist-release/, from a fresh build. With --tag NAME it refuses a tag that is
// not this version's, and writes release-notes.md, what CHANGELOG.md says of it, beside the folder's files.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkTag, releaseNotes } from './changelog';
import { makeRelease } from './make';
import { root, thisRelease } from './project';

const { tag } = parseArgs({ options: { tag: { type: 'string' } } }).values;
const out = `${root}dist-release`;

try {
  const release = thisRelease();
  if (tag !== undefined) checkTag(tag, release.version);
  const notes = tag === undefined ? '' : releaseNotes(readFileSync(`${root}CHANGELOG.md`, 'utf8'), release.version);
  const names = await makeRelease(release, out);
  if (notes) writeFileSync(join(out, 'release-notes.md'), notes);
  process.stdout.write(`${names.map((name) => `dist-release/${name}`).join('\n')}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
