import type { TestProject } from 'vitest/node';
import { findNginx } from '../../scripts/nginx/find';
import { plusIsNamed } from '../../scripts/nginx/plus';
import { describeNginx, type Nginx, type Target, targets } from '../../scripts/nginx/target';

declare module 'vitest' {
  export interface ProvidedContext {
    nginxTargets: Nginx[];
  }
}

/**
 * Finds every target once, before the workers start, prints what the tests run on and hands it to them.
 * NGINX_PLUS_BINARY adds P, a real NGINX Plus. OIDC_TEST_TARGETS=A,C restricts the targets. A wanted target that cannot be had ends the run.
 */
export default async function setup(project: TestProject): Promise<void> {
  const wanted = wantedTargets(process.env.OIDC_TEST_TARGETS);
  if (targets.some((target) => !wanted.includes(target)))
    console.log(`Restricted by OIDC_TEST_TARGETS to: ${wanted.join(', ')}`);
  const results = await Promise.allSettled(wanted.map(findNginx));
  const problems = results.flatMap((result) =>
    result.status === 'rejected' ? [(result.reason as Error).message] : [],
  );
  if (problems.length > 0) {
    throw new Error(`${problems.join('\n')}\nTo test on some targets only, set OIDC_TEST_TARGETS, for example to A,B.`);
  }
  const found = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  for (const nginx of found) console.log(`Testing on ${describeNginx(nginx)}: ${nginx.source}`);
  project.provide('nginxTargets', found);
}

/**
 * Reads a list such as `A,C`; all targets when it is empty, with P where NGINX_PLUS_BINARY is set. Throws an Error on a
 * name that is no target.
 */
export function wantedTargets(list = '', env: NodeJS.ProcessEnv = process.env): Target[] {
  const known: Target[] = plusIsNamed(env) ? [...targets, 'P'] : [...targets];
  const names = list.split(/[\s,]+/).filter(Boolean);
  const unknown = names.filter((name) => !known.includes(name as Target));
  if (unknown.length > 0) {
    const hint = unknown.includes('P') ? ': set NGINX_PLUS_BINARY for P' : '';
    throw new Error(`OIDC_TEST_TARGETS: ${unknown.join(', ')} is none of ${known.join(', ')}${hint}`);
  }
  return names.length === 0 ? known : known.filter((target) => names.includes(target));
}
