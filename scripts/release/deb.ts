import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { debFiles, shared } from './deb-files';
import { type Release, root } from './project';
import { documents, type Files, prefixed, writeTree } from './staging';

const here = `${root}scripts/release/debian/`;
const maintainerScripts = ['postinst', 'prerm', 'postrm'];

/**
 * Makes nginx-openid-connect_VERSION_all.deb in the folder `out`. Needs dpkg-deb. Returns the file's name.
 * Throws an Error when a template has changed so that it does not fit the package.
 */
export function makeDeb(release: Release, work: string, out: string): string {
  const name = `nginx-openid-connect_${release.version}_all.deb`;
  const { LICENSE: _, ...texts } = documents(); // Debian has it in common-licenses
  const files: Files = {
    ...prefixed(shared.slice(1), debFiles(release.dist)),
    ...prefixed('usr/share/doc/nginx-openid-connect', {
      ...texts,
      copyright: readFileSync(`${here}copyright`),
      'changelog.gz': execFileSync('gzip', ['-9n'], { input: debianChangelog(release) }),
    }),
  };
  const scripts = Object.fromEntries(maintainerScripts.map((script) => [script, readFileSync(here + script)]));
  const control = { ...scripts, control: controlFile(release.version, files), md5sums: md5sums(files) };
  const programs = maintainerScripts.map((script) => `DEBIAN/${script}`);
  writeTree(join(work, 'deb'), { ...files, ...prefixed('DEBIAN', control) }, programs);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z9', '--build', join(work, 'deb'), join(out, name)], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(release.epoch) },
    stdio: 'pipe',
  });
  return name;
}

/** A version of semantic versioning as Debian orders it: 1.0.0~rc.1 is before 1.0.0. */
export function debVersion(version: string): string {
  return version.replace('-', '~');
}

function controlFile(version: string, files: Files): string {
  const kilobytes = Object.values(files).reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text) / 1024), 0);
  return readFileSync(`${here}control`, 'utf8')
    .replace('@VERSION@', debVersion(version))
    .replace('@INSTALLED_SIZE@', String(kilobytes));
}

/** The form that Debian's tools read; what changed is in CHANGELOG.md beside it. */
function debianChangelog({ version, epoch }: Release): string {
  const maintainer = /^Maintainer: (.*)$/m.exec(readFileSync(`${here}control`, 'utf8'))?.[1];
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  const heading = `nginx-openid-connect (${debVersion(version)}) unstable; urgency=medium`;
  return `${heading}\n\n  * Version ${version}: see CHANGELOG.md.\n\n -- ${maintainer}  ${date}\n`;
}

function md5sums(files: Files): string {
  return Object.entries(files)
    .map(([path, text]) => `${createHash('md5').update(text).digest('hex')}  ${path}\n`)
    .join('');
}
