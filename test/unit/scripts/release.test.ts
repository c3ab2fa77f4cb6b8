import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debVersion } from '../../../scripts/release/deb';
import { debFiles, shared, siteFile } from '../../../scripts/release/deb-files';
import { ingredients } from '../../../scripts/release/ingredients';
import { makeRelease } from '../../../scripts/release/make';
import { root, sourceDateEpoch, thisRelease } from '../../../scripts/release/project';
import { readFolder, writeTree } from '../../../scripts/release/staging';

const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
const tarball = `openid-connect-${version}.tar.gz`;
const deb = `nginx-openid-connect_${version}_all.deb`;
const sbom = `openid-connect-${version}.cdx.json`;
const folder = mkdtempSync(join(tmpdir(), 'release-test-'));
const out = join(folder, 'first');
const output = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: 'utf8', cwd: out, maxBuffer: 1 << 26 });
const built = () => Object.keys(readFolder(`${root}dist`));

beforeAll(() => makeRelease(thisRelease(), out));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a release', () => {
  it('is a tarball, a Debian package, an SBOM and the checksums of all three', () => {
    expect(readdirSync(out).sort()).toEqual(['SHA256SUMS', deb, sbom, tarball].sort());
    expect(output('sha256sum', '-c', 'SHA256SUMS').match(/: OK$/gm)).toHaveLength(3);
  });

  it('has the same bytes when it is made again, at another time and with another umask', async () => {
    const again = join(folder, 'again');
    const umask = process.umask(0o077);
    await makeRelease(thisRelease(), again).finally(() => process.umask(umask));
    for (const name of readdirSync(out))
      expect(readFileSync(join(again, name)), name).toEqual(readFileSync(join(out, name)));
  });

  it('is built from files that are the same wherever they are built', () => {
    const elsewhere = checkout('elsewhere');
    execFileSync(process.execPath, ['build.mjs'], { cwd: elsewhere, stdio: 'pipe' });
    expect(readFolder(join(elsewhere, 'dist'))).toEqual(readFolder(`${root}dist`));
  }, 120_000);

  it('carries the version of package.json in every name and text', () => {
    for (const text of [
      output('tar', 'xzOf', tarball, `openid-connect-${version}/openid_connect.js`),
      output('dpkg-deb', '--fsys-tarfile', deb),
    ]) {
      expect(text).toContain(`openid_connect ${version}`);
    }
    expect(output('dpkg-deb', '-f', deb, 'Version').trim()).toBe(debVersion(version));
    expect(readSbom().metadata.component.version).toBe(version);
  });

  it('takes its date from SOURCE_DATE_EPOCH, else from the commit, and says so where there is neither', () => {
    expect(sourceDateEpoch({ SOURCE_DATE_EPOCH: '1700000000' })).toBe(1_700_000_000);
    expect(() => sourceDateEpoch({ SOURCE_DATE_EPOCH: 'yesterday' })).toThrow('not a number of seconds');
    expect(() => sourceDateEpoch({}, folder)).toThrow('set SOURCE_DATE_EPOCH');
    const times = output('tar', '--utc', '--full-time', '-tvzf', tarball).match(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g);
    const date = new Date(sourceDateEpoch(process.env) * 1000).toISOString().slice(0, 19).replace('T', ' ');
    expect(new Set(times)).toEqual(new Set([date]));
  });
});

describe('the tarball', () => {
  const names = () => output('tar', 'tzf', tarball).trim().split('\n');

  it('has the built files for NGINX and for NGINX Plus, the documents and the licence, in one folder', () => {
    expect(built()).toEqual(expect.arrayContaining(['frontend.conf', 'plus/frontend.conf']));
    const texts = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', 'docs/upgrading.md', 'docs/configuration.md'];
    expect(names()).toEqual(
      expect.arrayContaining([...built(), ...texts].map((path) => `openid-connect-${version}/${path}`)),
    );
    expect(names().filter((name) => !name.startsWith(`openid-connect-${version}/`))).toEqual([]);
  });

  it('has what the documents link to', () => {
    const documents = names().filter((name) => /\/(README|CHANGELOG|SECURITY)\.md$|\/docs\/.*\.md$/.test(name));
    expect(documents.length).toBeGreaterThan(10);
    const text = output('tar', 'xzOf', tarball, `openid-connect-${version}/README.md`);
    for (const [, link = ''] of text.matchAll(/\]\((docs\/[^)#]+|[A-Z]+\.md)/g)) {
      const found = names().some((name) => name.replace(/\/$/, '') === `openid-connect-${version}/${link}`);
      expect(found, link).toBe(true);
    }
  });

  it('can be read by whoever unpacks it, and belongs to root', () => {
    const lines = output('tar', 'tvzf', tarball).trim().split('\n');
    expect(lines.filter((line) => !/^(-rw-r--r--|drwxr-xr-x) 0\/0 /.test(line))).toEqual([]);
  });
});

describe('the Debian package', () => {
  it('needs NGINX with its JavaScript module, from Debian or from nginx.org', () => {
    const depends = output('dpkg-deb', '-f', deb, 'Depends').trim().split(', ');
    expect(depends).toContain('nginx');
    expect(depends.some((one) => /^libnginx-mod-http-js .*\| nginx-module-njs$/.test(one))).toBe(true);
  });

  it('puts nothing where NGINX would read it by itself, and no file that an upgrade would replace into /etc', () => {
    const paths = output('dpkg-deb', '-c', deb).match(/ \.\/.*$/gm) ?? [];
    expect(paths.filter((path) => !/^ \.\/(usr\/(share\/((doc\/)?nginx-openid-connect\/.*)?)?)?$/.test(path))).toEqual([
      ' ./usr/share/doc/',
    ]);
  });

  it('belongs to root, whoever makes it, and can be read by all', () => {
    const lines = output('dpkg-deb', '-c', deb).trim().split('\n');
    expect(lines.filter((line) => !/^(-rw-r--r--|drwxr-xr-x) root\/root /.test(line))).toEqual([]);
  });

  it('has the files of the tarball for open-source NGINX, which find each other in /usr/share', () => {
    const files = debFiles(`${root}dist`);
    expect(Object.keys(files)).toEqual(built().filter((path) => !path.startsWith('plus/')));
    const site = String(files['frontend.conf']);
    expect(site).toContain('js_import oidc from /usr/share/nginx-openid-connect/openid_connect.js;');
    expect(site).toContain('include /usr/share/nginx-openid-connect/openid_connect.server_conf;');
    for (const text of Object.values(files)) expect(String(text)).not.toContain('conf.d/openid_connect.s');
    expect(files['openid_connect.js']).toEqual(readFileSync(`${root}dist/openid_connect.js`));
  });

  it('is not made of a template whose steps are others', () => {
    const dist = join(folder, 'changed');
    const text = readFileSync(`${root}dist/frontend.conf`, 'utf8');
    writeTree(dist, { 'frontend.conf': text.replace('1. nginx.conf', '1. something else in nginx.conf') });
    expect(() => debFiles(dist)).toThrow('frontend.conf has nothing like');
  });

  it('finds the key that its first installation replaces', () => {
    const script = readFileSync(`${root}scripts/release/debian/postinst`, 'utf8');
    expect(script).toContain('s/\\"ChangeMe\\"/');
    expect(String(debFiles(`${root}dist`)['frontend.conf']).match(/"ChangeMe"/g)).toHaveLength(1);
    expect(String(debFiles(`${root}dist`)['frontend.conf'])).toMatch(/^js_engine qjs;/m);
  });

  it('has the same paths in its scripts and in the guides', () => {
    const scripts = ['postinst', 'prerm', 'postrm'].map((name) => `scripts/release/debian/${name}`);
    for (const path of [...scripts, 'README.md', 'docs/upgrading.md']) {
      expect(readFileSync(root + path, 'utf8'), path).toContain(siteFile);
    }
    for (const path of ['scripts/release/debian/postinst', 'scripts/release/debian/prerm', 'docs/upgrading.md']) {
      expect(readFileSync(root + path, 'utf8'), path).toContain(shared);
    }
  });

  it('orders a version before the final one as Debian does', () => {
    const earlier = (one: string, other: string) => () => output('dpkg', '--compare-versions', one, 'lt', other);
    expect(earlier(debVersion('1.0.0-rc.1'), debVersion('1.0.0'))).not.toThrow();
    expect(earlier(debVersion('1.0.0'), debVersion('1.0.0-rc.1'))).toThrow();
  });
});

describe('the SBOM', () => {
  it('is valid CycloneDX 1.6', async () => {
    const text = readFileSync(join(out, sbom), 'utf8');
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(text)).toBeNull();
    expect(await validator.validate(text.replace('"urn:uuid:', '"urn:'))).not.toBeNull();
  });

  it('names every built file with its hash', () => {
    const files = readSbom().metadata.component.components.map(({ name, hashes: [hash] }) => [name, hash?.content]);
    const expected = Object.entries(readFolder(`${root}dist`)).map(([path, text]) => [path, sha256(text)]);
    expect(files).toEqual(expected);
  });

  it('says that no package is in the bundle, and which ones build it, at the installed versions', () => {
    const { components } = readSbom();
    expect(components.filter(({ scope }) => scope !== 'excluded')).toEqual([]);
    expect(components.map(({ name }) => name)).toContain('esbuild');
    for (const { name, version } of components) {
      const installed = JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, 'utf8'));
      expect(version, name).toBe(installed.version);
    }
  });

  it('would name a package that gets into the bundle', async () => {
    const elsewhere = checkout('with-a-package');
    writeFileSync(join(elsewhere, 'src/imports-a-package.ts'), "export { decodeJwt } from 'jose';\n");
    expect((await ingredients(elsewhere)).bundled).toEqual(['jose']);
  });

  it('would name a tool that another one is told to load', async () => {
    const elsewhere = checkout('with-a-tool');
    const tool = "load(['jose', { modules: false }]);\n";
    writeFileSync(join(elsewhere, 'build.mjs'), readFileSync(`${root}build.mjs`, 'utf8') + tool);
    const { tools } = await ingredients();
    expect((await ingredients(elsewhere)).tools).toEqual([...tools, 'jose'].sort());
  });
});

describe('README', () => {
  it('begins the installation with the files of a release, and names them as they are made', () => {
    const readme = readFileSync(`${root}README.md`, 'utf8');
    const install = readme.split('## Install it')[1]?.split('\n## ')[0] ?? '';
    const names = [deb, tarball].map((name) => name.replace(version, 'VERSION'));
    for (const name of [...names, 'SHA256SUMS']) expect(install).toContain(name);
    expect(install.indexOf('npm run build')).toBeGreaterThan(install.indexOf('VERSION'));
  });
});

interface Component {
  name: string;
  version: string;
  scope: string;
  hashes: Array<{ content: string }>;
  components: Component[];
}

/** A copy of what the build needs, with the same packages. */
function checkout(name: string): string {
  const copy = join(folder, name);
  const left = ['node_modules', 'dist', 'dist-release', '.cache', '.git', 'test', 'bench'];
  for (const path of readdirSync(root).filter((path) => !left.includes(path))) {
    cpSync(root + path, join(copy, path), { recursive: true });
  }
  symlinkSync(`${root}node_modules`, join(copy, 'node_modules'));
  return copy;
}

function readSbom(): { metadata: { component: Component }; components: Component[] } {
  return JSON.parse(readFileSync(join(out, sbom), 'utf8'));
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
