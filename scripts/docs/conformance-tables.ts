import { type Module, plans } from '../../test/conformance/modules';
import { type Target, targets } from '../nginx/target';

/** What docs/conformance.md shows of a run. */
export interface ConformanceRun {
  /** `nginx 1.26.3 njs 0.8.9 (njs)` */
  versions: Record<Target, string>;
  /** `plan/module` to `passed`, `failed` ... on each target */
  results: Record<string, Record<Target, string>>;
}

const keyOf = (plan: string, module: string) => `${plan}/${module}`;

/** A table for each plan. */
export function conformanceTables({ versions, results }: ConformanceRun): string {
  const tables = Object.entries(plans).map(([plan, { title, modules }]) => {
    const rows = Object.entries<Module>(modules).map(([name, { must, text, suite }]) => {
      const result = results[keyOf(plan, name)];
      const cells = targets.map((target) => result?.[target] ?? 'not run');
      return `| \`${name}\` | ${must}: ${text} | ${suite} | ${cells.join(' | ')} |`;
    });
    const head = [`| Module | The relying party must | Suite | ${targets.join(' | ')} |`, '|---|---|---|---|---|---|'];
    return [`## ${title}`, '', `\`${plan}\``, '', ...head, ...rows].join('\n');
  });
  const ranOn = targets.map((target) => `- ${target}: ${versions[target]}`).join('\n');
  return [ranOn, ...tables].join('\n\n');
}

/** Reads a run back from the tables. */
export function parseConformanceTables(markdown: string): ConformanceRun {
  const versions = Object.fromEntries(
    [...markdown.matchAll(/^- ([ABC]): (.*)$/gm)].map(([, target, version]) => [target, version]),
  ) as Record<Target, string>;
  const results: ConformanceRun['results'] = {};
  let plan = '';
  for (const line of markdown.split('\n')) {
    plan = /^`([^`]+)`$/.exec(line)?.[1] ?? plan;
    const [, name, cells] = /^\| `([^`]+)` \| .* \|((?: [a-z ]+ \|){3})$/.exec(line) ?? [];
    if (name === undefined || cells === undefined) continue;
    const states = cells.split('|').map((cell) => cell.trim());
    results[keyOf(plan, name)] = Object.fromEntries(targets.map((target, i) => [target, states[i]])) as Record<
      Target,
      string
    >;
  }
  return { versions, results };
}

/** What vitest's JSON reporter writes, as far as it is needed. */
export interface JsonReport {
  testResults: { assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[];
}

/** Takes the modules out of a report of the tests. Throws an Error when a target did not run. */
export function conformanceRunOf({ testResults }: JsonReport): ConformanceRun {
  const run: ConformanceRun = { versions: {} as Record<Target, string>, results: {} };
  for (const { ancestorTitles, title, status } of testResults.flatMap((file) => file.assertionResults)) {
    const [, target, version, plan] = /^\[([ABC]) (.*?)\] (.*)$/.exec(ancestorTitles[0] ?? '') ?? [];
    if (target === undefined || version === undefined || plan === undefined) continue;
    run.versions[target as Target] = version;
    const key = keyOf(plan, title);
    const before = run.results[key]?.[target as Target] ?? 'passed'; // of another variant of the plan
    const worst = before === 'passed' ? status : before;
    run.results[key] = { ...run.results[key], [target]: worst } as Record<Target, string>;
  }
  const missing = targets.filter((target) => run.versions[target] === undefined);
  if (missing.length > 0)
    throw new Error(`no module ran on ${missing.join(', ')}: docs/conformance.md wants all targets`);
  return run;
}
