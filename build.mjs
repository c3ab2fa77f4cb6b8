// npm run build: the scripts and the templates in dist/, stamped with the version.
//
// openid_connect.js is for QuickJS, which runs what esbuild bundles; TypeScript only checks types. openid_connect_njs.js is
// the same for the njs engine, which knows neither classes nor closures in async functions: Babel lowers it
// (scripts/build/lower.mjs). That engine also builds every top-level function anew for each request: everything but the gate is
// therefore wrapped into one function, loadFlow(), that runs only when needed. QuickJS keeps the text of each function, and that
// of what is inside it once more: there nothing is wrapped, and nothing lowered to functions inside of functions.
// The scripts of NGINX Plus, of the stream module and of registrations are lowered, too: they run on either engine.
// openid_connect_eddsa.js is for QuickJS alone.

import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { build, transform } from 'esbuild';
import { checkBundle } from './scripts/build/check-bundle.mjs';
import { checkNames } from './scripts/build/check-names.mjs';
import { lower, lowerWithHelpers } from './scripts/build/lower.mjs';

const root = new URL('./', import.meta.url);
const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));

/** What the engines cannot do, or lowering not exactly: esbuild stops with file and line. */
const supported = {
  class: false,
  'class-field': false,
  'object-accessors': false,
  generator: false,
  'async-generator': false,
  'for-await': false,
  bigint: false,
  'new-target': false,
  'top-level-await': false,
  'dynamic-import': false,
  'import-meta': false,
};

/** Bundles one entry to a single ES2022 text. */
async function bundle(entry, more = {}) {
  const result = await build({
    entryPoints: [new URL(entry, root).pathname],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    supported,
    external: ['crypto', 'fs'],
    charset: 'utf8',
    legalComments: 'none',
    minifySyntax: true,
    logLevel: 'warning',
    ...more,
  });
  return result.outputFiles[0].text;
}

/**
 * njs reads `of` as a keyword, esbuild may call something so: not where it believes that there is a global of that name,
 * for which a last line stands that goes away again.
 */
const taken = 'of=0;';

async function minify(code) {
  const smaller = await transform(`${code}\n${taken}`, {
    target: 'es5',
    charset: 'utf8',
    minifyWhitespace: true,
    minifyIdentifiers: true,
    lineLimit: 120,
  });
  if (!smaller.code.trimEnd().endsWith(taken)) {
    throw new Error('the last line of the bundle is not what it must be');
  }
  return smaller.code.trimEnd().slice(0, -taken.length);
}

/** Imports of the wrapped bundle go to the top of the file: a function cannot import. */
function hoistImports(code) {
  const imports = [];
  const rest = code.replace(/^import (\w+) from "(\w+)";\n/gm, (_, name, module) => {
    imports.push({ name, module });
    return '';
  });
  return { imports, rest };
}

const flow = hoistImports(await bundle('src/flow.ts'));
const gate = hoistImports(await bundle('src/index.ts'));
const imports = new Map();
for (const { name, module } of [...gate.imports, ...flow.imports]) {
  if ((imports.get(name) ?? module) !== module) {
    throw new Error(`${name} is the name of two imports: ${module}, ${imports.get(name)}`);
  }
  imports.set(name, module);
}
// Lowered on its own, so that the helpers are inside, too.
const wrapped = (await lowerWithHelpers(flow.rest)).replace(/export \{\s*(\w+) as default\s*\};\s*$/, 'return $1;');
const source = [
  ...[...imports].map(([name, module]) => `import ${name} from '${module}';`),
  `var flow;\nfunction loadFlow() { return flow || (flow = makeFlow()); }`,
  `function makeFlow() {\n${wrapped}\n}`,
  await lower(gate.rest),
].join('\n');

const banner = `// openid_connect ${version}: OpenID Connect for NGINX. Built from TypeScript, do not edit.\n`;
checkBundle(source);
const lowered = `${banner}${await minify(source)}\n`;
await checkNames(root);

const loadFlow = new URL('scripts/build/load-flow.mjs', root).pathname;
const code = `${banner}${await bundle('src/index.ts', { inject: [loadFlow], minify: true, lineLimit: 120 })}`;

const plusSource = await lowerWithHelpers(await bundle('src/plus/index.ts'));
checkBundle(plusSource);
const plus = `${banner}${await minify(plusSource)}\n`;

const storeSource = await lowerWithHelpers(await bundle('src/stream/index.ts'));
checkBundle(storeSource);
const store = `${banner}${await minify(storeSource)}\n`;

const operatorSource = await lowerWithHelpers(await bundle('src/operator.ts'));
checkBundle(operatorSource);
const operator = `${banner}${await minify(operatorSource)}\n`;

const eddsa = await eddsaBundle();

const out = new URL('dist/', root);
await rm(out, { recursive: true, force: true });
const templates = ['frontend.conf', 'openid_connect.server_conf'];
const ofStore = ['openid_connect.store_conf', 'openid_connect.store_location'];
await write('', code, [...templates, ...ofStore]);
await writeFile(new URL('openid_connect_njs.js', out), lowered);
await writeFile(new URL('openid_connect_store.js', out), store);
await writeFile(new URL('openid_connect_operator.js', out), operator);
await writeFile(new URL('openid_connect_eddsa.js', out), eddsa);
await write('plus/', plus, [...templates, 'openid_connect_configuration.conf']);
const kilobytes = (text) => `${(text.length / 1024).toFixed(1)} KB`;
console.log(
  `dist/openid_connect.js ${kilobytes(code)}, openid_connect_njs.js ${kilobytes(lowered)}, version ${version}`,
);

/** What only QuickJS loads, with the licence of what is in it: esbuild's output as it is. */
async function eddsaBundle() {
  const result = await build({
    entryPoints: [new URL('src/eddsa/index.ts', root).pathname],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    charset: 'utf8',
    minify: true,
    lineLimit: 120,
    legalComments: 'none',
    logLevel: 'warning',
  });
  const licence = await readFile(new URL('node_modules/@noble/curves/LICENSE', root), 'utf8');
  return `${banner}//\n// With @noble/curves and @noble/hashes:\n${licence.trim().replace(/^.*$/gm, (line) => `// ${line}`.trim())}\n\n${result.outputFiles[0].text}`;
}

/** Writes a bundle and its templates, stamped with the version, to a folder of dist/. */
async function write(folder, bundled, templates) {
  await mkdir(new URL(folder, out), { recursive: true });
  await writeFile(new URL(`${folder}openid_connect.js`, out), bundled);
  for (const name of templates) {
    const template = await readFile(new URL(`nginx/${folder}${name}`, root), 'utf8');
    await writeFile(new URL(folder + name, out), template.replaceAll('@VERSION@', version));
  }
  const texts = 'openid_connect.texts';
  await cp(new URL(`nginx/${texts}`, root), new URL(folder + texts, out), { recursive: true });
}
