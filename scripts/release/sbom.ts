import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingredients } from './ingredients';
import { type Locked, lockedPackage } from './lock';
import type { Release } from './project';
import { readFolder } from './staging';

/**
 * Writes openid-connect-VERSION.cdx.json to the folder `out`: what is in the built files, as a CycloneDX 1.6 document.
 * Packages that are in a built file have the scope "optional", because openid_connect_eddsa.js alone has any, and a site
 * without EdDSA does not load it; those that only build the files "excluded".
 * The same release gives the same bytes. Returns the file's name.
 */
export async function makeSbom(release: Release, out: string): Promise<string> {
  const { version, epoch, dist } = release;
  const { bundled, tools } = await ingredients();
  const itself = `openid-connect@${version}`;
  const files = Object.entries(readFolder(dist)).map(([path, content]) => ({
    type: 'file',
    'bom-ref': `file:${path}`,
    name: path,
    hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(content).digest('hex') }],
  }));
  const content = {
    version: 1,
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      component: {
        type: 'application',
        'bom-ref': itself,
        name: 'openid-connect',
        version,
        description: 'OpenID Connect relying party for NGINX: the script, and its configuration files',
        licenses: [{ license: { id: 'Apache-2.0' } }],
        components: files,
      },
    },
    components: [
      ...bundled.map((name) => component(lockedPackage(name), 'optional')),
      ...tools.map((name) => component(lockedPackage(name), 'excluded')),
    ],
    dependencies: [{ ref: itself, dependsOn: bundled.map((name) => packageUrl(lockedPackage(name))) }],
  };
  const bom = { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: serialNumber(content), ...content };
  const name = `openid-connect-${version}.cdx.json`;
  writeFileSync(join(out, name), `${JSON.stringify(bom, null, 2)}\n`);
  return name;
}

function component(one: Locked, scope: 'optional' | 'excluded') {
  const purl = packageUrl(one);
  const hashes = [{ alg: 'SHA-512', content: one.sha512 }];
  const { name, version, licence } = one;
  return { type: 'library', 'bom-ref': purl, name, version, scope, hashes, licenses: [{ expression: licence }], purl };
}

/** https://github.com/package-url/purl-spec: the @ of a scope is encoded. */
function packageUrl({ name, version }: Locked): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** A UUID of the content (RFC 9562, version 8) in place of a random one. */
function serialNumber(content: object): string {
  const hex = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}
