// npm run docs: writes the generated parts of the documentation; with --check only compares, and fails on a difference.

import { readFileSync, writeFileSync } from 'node:fs';
import { configurationTables, settingsOverview } from './configuration-table';

const parts: { file: string; name: string; text: () => string }[] = [
  { file: 'docs/configuration.md', name: 'settings', text: configurationTables },
  { file: 'README.md', name: 'settings-overview', text: settingsOverview },
];

const check = process.argv.includes('--check');
for (const { file, name, text } of parts) {
  const begin = `<!-- generated: ${name} (npm run docs) -->`;
  const end = `<!-- end: ${name} -->`;
  const old = readFileSync(file, 'utf8');
  const from = old.indexOf(begin);
  const to = old.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`${file} lacks the lines "${begin}" and "${end}"`);
  }
  const fresh = `${old.slice(0, from + begin.length)}\n\n${text()}\n\n${old.slice(to)}`;
  if (check && fresh !== old) {
    console.error(`${file} is not what src/config says: run npm run docs`);
    process.exitCode = 1;
  } else if (fresh !== old) {
    writeFileSync(file, fresh);
    console.log(`wrote ${file}`);
  }
}
