import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { findPrometheus } from '../../scripts/monitoring/find';
import { counters, gauges, histogram } from '../../src/nginx/metric-table';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const path = (of: string) => new URL(of, root).pathname;

interface Dashboard {
  panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
}

type Values = readonly string[] | undefined;
type Labels = readonly (readonly [string, readonly string[]])[];

/** Metrics, and the labels that each has besides those of the machine, with their values. */
const known: Record<string, Record<string, Values>> = {
  ...Object.fromEntries(
    Object.entries<{ labels: Labels }>(counters).map(([name, { labels }]) => [name, Object.fromEntries(labels)]),
  ),
  [`${histogram.name}_bucket`]: { [histogram.label]: histogram.values, le: undefined },
  ...Object.fromEntries(Object.keys(gauges).map((name) => [name, name.includes('_zone_') ? { zone: undefined } : {}])),
};

/** What a query names that does not exist. */
function unknownIn(query: string): string[] {
  return [...query.matchAll(/\b(oidc_\w+)(?:\{([^}]*)\})?|"[^"]*"/g)].flatMap(([, name, inside = '']) => {
    const labels: Record<string, Values> | undefined = known[name ?? ''];
    if (name === undefined) return [];
    if (!labels) return [name];
    return [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)].flatMap(([, label = '', wanted = '']) => {
      if (label === 'instance') return [];
      if (!(label in labels)) return [`${name}{${label}}`];
      return wanted.split('|').filter((one) => labels[label]?.includes(one) === false);
    });
  });
}

describe('docs/monitoring', () => {
  const dashboard = JSON.parse(read('docs/monitoring/dashboard.json')) as Dashboard;
  const queries = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const));
  const folder = mkdtempSync(join(tmpdir(), 'monitoring-'));
  let promtool: (...args: string[]) => string;

  beforeAll(async () => {
    const [command = '', ...before] = (await findPrometheus()).promtool;
    promtool = (...args) => execFileSync(command, [...before, ...args], { encoding: 'utf8', stdio: 'pipe' });
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('the alerts are rules that Prometheus takes, five of them', () => {
    expect(promtool('check', 'rules', path('docs/monitoring/alerts.yml'))).toContain('5 rules found');
  });

  it('each alert comes when it should, and not else', () => {
    expect(promtool('test', 'rules', path('test/integration/monitoring/alerts.test.yml'))).toContain('SUCCESS');
  });

  it('the alerts name only metrics, labels and values that exist', () => {
    expect(unknownIn(read('docs/monitoring/alerts.yml').replace(/\$labels\.\w+/g, ''))).toEqual([]);
    expect(
      unknownIn('rate(oidc_x_total[5m]) + oidc_sign_ins_total{kode="ok"} + oidc_sign_ins_total{code="good"}'),
    ).toEqual(['oidc_x_total', 'oidc_sign_ins_total{kode}', 'good']);
  });

  it.each(queries)('the panel "%s" asks for metrics, labels and values that exist: %s', (_title, query) => {
    expect(unknownIn(query)).toEqual([]);
    expect(query).toContain('{instance=~"$instance"');
    const rules = [{ record: 'panel:query', expr: query.replaceAll('$__rate_interval', '5m') }];
    const file = join(folder, 'panel.yml');
    writeFileSync(file, stringify({ groups: [{ name: 'panels', rules }] }));
    expect(promtool('check', 'rules', file)).toContain('1 rules found');
  });

  it('the dashboard shows every metric', () => {
    const all = queries.map(([, query]) => query).join('\n');
    const left = Object.keys(known).filter((name) => !new RegExp(`\\b${name}\\b`).test(all));
    expect(left.sort()).toEqual([
      'oidc_key_refetches_total',
      'oidc_sessions_ended_total',
      'oidc_store_keys',
      'oidc_store_limit_bytes',
      'oidc_store_used_bytes',
    ]);
  });
});
