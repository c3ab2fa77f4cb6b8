// npm run docs:conformance: runs the conformance modules and writes what came of them into docs/conformance.md.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformanceRunOf, conformanceTables } from './conformance-tables';
import { withPart } from './generated-part';

const file = 'docs/conformance.md';
const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
try {
  const report = join(folder, 'report.json');
  const args = ['run', '--project', 'conformance', '--reporter=default', '--reporter=json', `--outputFile=${report}`];
  const { status } = spawnSync('node_modules/.bin/vitest', args, { stdio: 'inherit' });
  const tables = conformanceTables(conformanceRunOf(JSON.parse(readFileSync(report, 'utf8'))));
  const old = readFileSync(file, 'utf8');
  writeFileSync(file, withPart(file, old, 'conformance', 'npm run docs:conformance', tables));
  console.log(`wrote ${file}`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
