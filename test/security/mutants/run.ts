// Applies each defect of mutants.ts to a copy of the repository and runs the test that must notice it.
// npm run test:mutants [-- words]   the words pick mutants by name

import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutant';
import { mutants } from './mutants';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const copied = [
  'src',
  'test',
  'scripts',
  'demo',
  'nginx',
  'docs',
  'build.mjs',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];
const linked = ['node_modules', '.cache'];
const atOnce = 2;
/** No test takes so long, milliseconds. */
const patience = 120_000;

type Verdict = 'killed' | 'survived';
type Outcome = { verdict: Verdict; why: string };

function copyOfRepository(): string {
  const dir = mkdtempSync(join(tmpdir(), 'mutants-'));
  for (const name of copied) cpSync(join(root, name), join(dir, name), { recursive: true });
  for (const name of linked) if (existsSync(join(root, name))) symlinkSync(join(root, name), join(dir, name));
  return dir;
}

/** Runs a program to its end: its exit code and what it wrote. */
function run(dir: string, args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, OIDC_TEST_TARGETS: 'C' };
    execFile(process.execPath, args, { cwd: dir, env, timeout: patience, maxBuffer: 1e8 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? 1) || 1 : 0, output: out + err });
    });
  });
}

/** How many tests of the pattern ran, and how many of them failed; undefined when the file could not be run. */
async function runTests(dir: string, mutant: Mutant): Promise<{ ran: number; failed: number } | undefined> {
  if (mutant.nginx && (await run(dir, ['build.mjs'])).code !== 0) return undefined;
  const report = join(dir, 'report.json');
  rmSync(report, { force: true });
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', mutant.test, '-t', mutant.pattern];
  await run(dir, [...vitest, '--reporter=json', `--outputFile=${report}`]);
  if (!existsSync(report)) return undefined;
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  return { ran: numPassedTests + numFailedTests, failed: numFailedTests };
}

async function judge(dir: string, mutant: Mutant): Promise<Outcome> {
  const path = join(dir, mutant.file);
  const original = readFileSync(path, 'utf8');
  if (!original.includes(mutant.text)) return { verdict: 'survived', why: 'its text is not in the file any more' };
  writeFileSync(
    path,
    original.replaceAll(mutant.text, () => mutant.replacement),
  );
  try {
    const result = await runTests(dir, mutant);
    if (!result) return { verdict: 'survived', why: 'the defect could not be built or loaded' };
    if (result.ran === 0) return { verdict: 'survived', why: 'no test has that name, or the file could not be loaded' };
    return result.failed > 0
      ? { verdict: 'killed', why: `${result.failed} of ${result.ran} failed` }
      : { verdict: 'survived', why: `all ${result.ran} passed` };
  } finally {
    writeFileSync(path, original);
  }
}

/** The tests must pass without a defect, or their failing with one shows nothing. */
async function checkUnchanged(dir: string, wanted: Mutant[]): Promise<void> {
  for (const nginx of [false, true]) {
    const files = [...new Set(wanted.filter((mutant) => (mutant.nginx ?? false) === nginx).map(({ test }) => test))];
    if (files.length === 0) continue;
    const build = nginx ? await run(dir, ['build.mjs']) : undefined;
    if (build && build.code !== 0) throw new Error(`the build fails without any defect:\n${build.output}`);
    const { code, output } = await run(dir, ['node_modules/vitest/vitest.mjs', 'run', ...files]);
    if (code !== 0) throw new Error(`the tests fail without any defect:\n${output.slice(-5000)}`);
  }
}

async function main(words: string[]): Promise<void> {
  const wanted = mutants.filter(({ name }) => words.every((word) => name.includes(word)));
  const copies = Array.from({ length: atOnce }, copyOfRepository);
  const survivors: string[] = [];
  const queue = [...wanted];
  try {
    await checkUnchanged(copies[0] as string, wanted);
    await Promise.all(
      copies.map(async (dir) => {
        for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
          const { verdict, why } = await judge(dir, mutant);
          if (verdict === 'survived') survivors.push(mutant.name);
          console.log(`${verdict.padEnd(9)} ${mutant.name} (${mutant.file}): ${why}`);
        }
      }),
    );
  } finally {
    for (const dir of copies) rmSync(dir, { recursive: true, force: true });
  }
  console.log(`${wanted.length - survivors.length} killed, ${survivors.length} survived`);
  process.exitCode = survivors.length > 0 || wanted.length === 0 ? 1 : 0;
}

await main(process.argv.slice(2));
