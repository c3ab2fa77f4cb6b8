// npm run bench: what sign-in costs, measured against the shipped files in dist/. `--quick` takes under a minute and
// leaves docs/ alone; without it the results go to docs/performance.{md,json,svg}.

import { writeFileSync } from 'node:fs';
import { findNginx } from '../scripts/nginx/find';
import { describeNginx, type Nginx, type Target, targets } from '../scripts/nginx/target';
import { measureCapacity } from './capacity';
import { measureConnections } from './connections';
import { measureForged } from './forged';
import { measureGate } from './gate';
import { measureSessions, measureTokenSizes } from './growth';
import { measureHeld } from './held';
import { loadCore, missingTool, pin, residentMemory } from './load';
import { measureLogins } from './logins';
import { machine } from './machine';
import { measurePeer } from './peer';
import { plot } from './plot';
import { startBenchProvider } from './provider';
import { type Report, type TargetReport, table, updateDocument } from './report';
import { measureShared } from './shared';
import { startBackend, startBenchSite } from './site';
import { measureWaiting } from './waiting';

const quick = process.argv.includes('--quick');
const only = process.argv.filter((argument): argument is Target => targets.includes(argument as Target));

process.exit(await main());

async function main(): Promise<number> {
  const missing = missingTool();
  if (missing) {
    process.stderr.write(`${missing}\n`);
    return 1;
  }
  pin(process.pid, loadCore);
  const report: Report = { ...machine(), date: new Date().toISOString().slice(0, 10), quick, targets: [] };
  process.stdout.write(`${report.machine}\n`);
  for (const target of only.length > 0 ? only : targets) {
    const nginx = await findNginx(target);
    const result = await measure(nginx);
    report.targets.push(result);
    process.stdout.write(`\n${table(result)}\n`);
  }
  if (!quick && only.length === 0) {
    const docs = new URL('../docs/', import.meta.url);
    writeFileSync(new URL('performance.json', docs), `${JSON.stringify(report, null, 2)}\n`);
    writeFileSync(new URL('performance.svg', docs), plot(report));
    updateDocument(new URL('performance.md', docs), report);
  }
  return 0;
}

async function measure(nginx: Nginx): Promise<TargetReport> {
  const provider = await startBenchProvider();
  const backend = await startBackend(nginx);
  const options = { nginx, issuer: provider.issuer, application: backend.address };
  const repeats = quick ? 1 : 5;
  const duration = quick ? 1 : 2;
  const claims = await startBenchSite(options);
  const tokens = await startBenchSite({ ...options, tokens: true });
  try {
    const fresh = residentMemory(claims.worker);
    const gate = await measureGate({ nginx, claims, tokens, repeats, duration });
    const counts = quick ? [16, 300] : [16, 100, 300, 1000];
    const connections = await measureConnections({ claims, tokens, counts, repeats, duration });
    const memory = { fresh, used: residentMemory(claims.worker) };
    const forged = await measureForged(claims, repeats, 1);
    const logins = await measureLogins(claims, provider, quick ? 10 : 100);
    const growth = { ...options, repeats: quick ? 1 : 3, duration: 1 };
    return {
      target: nginx.target,
      nginx: describeNginx(nginx),
      gate,
      connections,
      forged,
      held: await measureHeld(nginx, provider.issuer, quick ? [500] : [100, 500, 1000, 2000, 5000]),
      waiting: await measureWaiting(options, provider, quick ? 100 : 500),
      shared: await measureShared({
        ...options,
        provider,
        name: 'valkey-8',
        repeats,
        duration,
        others: quick ? [0] : [1000, 1_000_000],
        count: quick ? 20 : 200,
      }),
      peer: nginx.target === 'C' ? await measurePeer(provider, backend.address, counts, repeats, duration) : undefined,
      logins,
      memory,
      capacity: await measureCapacity(nginx, provider.issuer),
      sessions: quick ? [] : await measureSessions(growth, [1000, 100_000, 1_000_000]),
      tokenSizes: quick ? [] : await measureTokenSizes(growth, [512, 2048, 4096, 16_384]),
    };
  } finally {
    for (const started of [claims, tokens, provider, backend.process]) await started.stop();
  }
}
