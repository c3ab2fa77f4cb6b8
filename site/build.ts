// npm run docs:site: builds the documentation site into dist-site/, or into the folder that is named.

import { resolve } from 'node:path';
import { build } from 'vitepress';
import { root } from './pages';
import { writeSource } from './source';

writeSource(`${root}site/source`);
const outDir = resolve(process.argv[2] ?? `${root}dist-site`);
await build(`${root}site`, { outDir });
