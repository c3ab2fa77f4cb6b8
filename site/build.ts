// npm run docs:site: builds the documentation site into dist-site/, or into the folder that is named.

import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'vitepress';
import { root } from './pages';
import { writeSource } from './source';
import { standaloneHelper } from './standalone-helper';

const source = `${root}site/source`;
writeSource(source);
mkdirSync(`${source}/public`, { recursive: true });
writeFileSync(`${source}/public/configuration-helper.html`, await standaloneHelper());
const outDir = resolve(process.argv[2] ?? `${root}dist-site`);
await build(`${root}site`, { outDir });
