import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { root } from './project';

/** The packages of the npm registry that have to do with the bundle, by name, sorted. */
export interface Ingredients {
  /** parts of them are in the bundle */
  bundled: string[];
  /** build.mjs and what it imports call them to make it */
  tools: string[];
}

/** What the JavaScript module brings itself. */
const njsModules = ['buffer', 'crypto', 'fs', 'querystring', 'xml', 'zlib'];

/** Asks esbuild, which follows every import of the sources and of the build; `folder` is a checkout's. */
export async function ingredients(folder = root): Promise<Ingredients> {
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => join(folder, 'src', path));
  const source = await analyse(folder, sources, { platform: 'neutral', external: njsModules });
  const making = await analyse(folder, [join(folder, 'build.mjs')], { platform: 'node', packages: 'external' });
  const imports = Object.values(making.inputs).flatMap((input) => input.imports);
  const imported = imports.filter((one) => one.external && !isBuiltin(one.path)).map((one) => packageOf(one.path));
  return {
    bundled: unique(Object.keys(source.inputs).flatMap(installedPackage)),
    tools: unique([...imported, ...Object.keys(making.inputs).flatMap((path) => namedPackages(folder, path))]),
  };
}

/** Tools may be told to load others by name, as Babel its presets. */
function namedPackages(folder: string, path: string): string[] {
  const text = readFileSync(join(folder, path), 'utf8');
  const { devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, object>;
  return Object.keys(devDependencies ?? {}).filter((name) => text.includes(`'${name}'`));
}

async function analyse(
  absWorkingDir: string,
  entryPoints: string[],
  options: Parameters<typeof build>[0],
): Promise<Metafile> {
  const result = await build({
    ...options,
    entryPoints,
    absWorkingDir,
    bundle: true,
    format: 'esm',
    outdir: 'unwritten',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return result.metafile as Metafile;
}

function installedPackage(path: string): string[] {
  const inside = path.split('node_modules/').slice(1).at(-1);
  return inside ? [packageOf(inside)] : [];
}

/** `@scope/name/file` and `name/file` are of the package `@scope/name`, `name`. */
function packageOf(path: string): string {
  return path.split('/', path.startsWith('@') ? 2 : 1).join('/');
}

function unique(names: string[]): string[] {
  return [...new Set(names)].sort();
}
