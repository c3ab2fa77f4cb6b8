// npm run docs: writes the generated parts of the documentation; with --check only compares, and fails on a difference.

import { readFileSync, writeFileSync } from 'node:fs';
import { configurationTables, settingsOverview } from './configuration-table';
import { conformanceTables, parseConformanceTables } from './conformance-tables';
import { errorCodeTable } from './error-codes';
import { withPart } from './generated-part';
import { metricsTable } from './metrics-table';
import { englishFile } from './page-texts';

const parts: { file: string; name: string; text: () => string }[] = [
  { file: 'docs/configuration.md', name: 'settings', text: configurationTables },
  { file: 'docs/troubleshooting.md', name: 'error-codes', text: errorCodeTable },
  { file: 'docs/monitoring/README.md', name: 'metrics', text: metricsTable },
  { file: 'README.md', name: 'settings-overview', text: settingsOverview },
];

const english = 'nginx/openid_connect.texts/en.json';
const check = process.argv.includes('--check');
for (const { file, name, text } of parts) {
  const old = readFileSync(file, 'utf8');
  const fresh = withPart(file, old, name, 'npm run docs', text());
  if (check && fresh !== old) {
    console.error(`${file} is not what src/ says: run npm run docs`);
    process.exitCode = 1;
  } else if (fresh !== old) {
    writeFileSync(file, fresh);
    console.log(`wrote ${file}`);
  }
}

if (readFileSync(english, 'utf8') !== englishFile()) {
  if (check) {
    console.error(`${english} is not what the pages say: run npm run docs, and translate what is new`);
    process.exitCode = 1;
  } else {
    writeFileSync(english, englishFile());
    console.log(`wrote ${english}`);
  }
}

if (check) {
  const file = 'docs/conformance.md';
  const old = readFileSync(file, 'utf8');
  const tables = conformanceTables(parseConformanceTables(old));
  if (withPart(file, old, 'conformance', 'npm run docs:conformance', tables) !== old) {
    console.error(`${file} has other modules than test/conformance/modules.ts: run npm run docs:conformance`);
    process.exitCode = 1;
  }
}
