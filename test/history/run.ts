// npm run test:history -- --minutes 30 --seed 7 --target C --store valkey-8: the history test, for as long as you like.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findNginx } from '../../scripts/nginx/find';
import { type Target, targets } from '../../scripts/nginx/target';
import { type StoreName, storeNames } from '../../scripts/stores/find';
import { clockOff } from '../support/faketime';
import { play, summary } from './play';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    target: { type: 'string', default: 'C' },
    store: { type: 'string', default: 'valkey-8' },
    quiet: { type: 'boolean', default: false },
  },
});
const one = <T extends string>(name: string, value: string, known: readonly T[]): T => {
  if (!known.includes(value as T)) throw new Error(`--${name} is one of ${known.join(', ')}`);
  return value as T;
};
const seed = Number(values.seed);
process.stdout.write(`seed ${seed}\n`);
const began = Date.now();
const { history, violations, logs } = await play({
  nginx: await findNginx(one<Target>('target', values.target, targets)),
  store: one<StoreName>('store', values.store, storeNames),
  seed,
  seconds: Number(values.minutes) * 60,
  nodes: 3,
  env: clockOff(10),
  people: 50,
  freshness: 2,
  faults: !values.quiet,
  tell: (text) => process.stdout.write(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${text}\n`),
});
process.stdout.write(`${summary(history)}\n${violations.map((one) => `broken: ${one}\n`).join('')}`);
if (violations.length > 0) {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  for (const [node, log] of logs.entries()) writeFileSync(join(folder, `node-${node}.log`), log);
  writeFileSync(join(folder, 'history.json'), JSON.stringify(history, null, 1));
  process.stdout.write(`what happened, and what the nodes logged: ${folder}\n`);
}
process.exit(violations.length === 0 ? 0 : 1);
