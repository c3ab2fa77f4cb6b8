// npm run soak -- --hours 1 --seed 7 --target C --store zone: a site that is used for as long as you like.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findNginx } from '../../scripts/nginx/find';
import { describeNginx, type Target, targets } from '../../scripts/nginx/target';
import { storeNames } from '../../scripts/stores/find';
import { summary } from '../history/play';
import { table } from './report';
import { soak } from './soak';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '0.05' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    target: { type: 'string', default: 'C' },
    store: { type: 'string', default: 'zone,valkey-8' },
    people: { type: 'string', default: '20' },
    quiet: { type: 'boolean', default: false },
  },
});
const one = <T extends string>(name: string, value: string, known: readonly T[]): T => {
  if (!known.includes(value as T)) throw new Error(`--${name} is one of ${known.join(', ')}`);
  return value as T;
};
const seed = Number(values.seed);
const nginx = await findNginx(one<Target>('target', values.target, targets));
const stores = values.store.split(',').map((store) => one('store', store, ['zone', ...storeNames] as const));
process.stdout.write(`${describeNginx(nginx)}, seed ${seed}, ${values.hours} hours\n`);
const began = Date.now();
const results = await Promise.all(
  stores.map(async (store) => {
    const soaked = await soak({
      nginx,
      store,
      seed,
      seconds: Number(values.hours) * 3600,
      people: Number(values.people),
      faults: !values.quiet,
      tell: (text) =>
        process.stdout.write(`${((Date.now() - began) / 1000).toFixed(1).padStart(8)} s  ${store}: ${text}\n`),
    });
    return { store, ...soaked };
  }),
);
for (const { store, history, sockets, measured, violations, logs } of results) {
  const { opened, refused, messages, wrong } = sockets;
  process.stdout.write(`\nSessions in ${store}: ${summary(history)}\n`);
  process.stdout.write(`${opened} WebSockets (${refused} refused), ${messages} messages, ${wrong} of them lost\n`);
  for (const [node, list] of measured.entries()) process.stdout.write(`\nNode ${node}\n${table(list)}\n`);
  for (const broken of violations) process.stdout.write(`broken: ${broken}\n`);
  if (violations.length === 0) continue;
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  for (const [node, log] of logs.entries()) writeFileSync(join(folder, `node-${node}.log`), log);
  writeFileSync(join(folder, 'history.json'), JSON.stringify(history));
  process.stdout.write(`what happened, and what the nodes logged: ${folder}\n`);
}
process.exit(results.every(({ violations }) => violations.length === 0) ? 0 : 1);
