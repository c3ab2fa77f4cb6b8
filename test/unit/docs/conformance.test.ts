import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  conformanceRunOf,
  conformanceTables,
  type JsonReport,
  parseConformanceTables,
} from '../../../scripts/docs/conformance-tables';
import { allModules, plans } from '../../conformance/modules';

const folder = new URL('../../conformance/', import.meta.url);
const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));

describe('test/conformance', () => {
  it('has as many modules as the plans of the suite', () => {
    const counts = Object.entries(plans).map(([plan, { modules }]) => [plan, Object.keys(modules).length]);
    expect(Object.fromEntries(counts)).toMatchObject({
      'oidcc-client-basic-certification-test-plan': 14,
      'oidcc-client-config-certification-test-plan': 6,
      'oidcc-client-rp-initiated-logout-rp-basic': 3,
      'oidcc-client-front-channel-logout-rp-basic': 1,
      'oidcc-client-back-channel-logout-rp-basic': 8,
      'oidcc-client-refreshtoken-test-plan': 3,
      'oidcc-client-formpost-basic-certification-test-plan': 15,
      'fapi2-security-profile-final-client-test-plan': 24,
      'fapi2-message-signing-final-client-test-plan': 30,
    });
  });

  it.each(Object.keys(plans))('plays %s in one place', (plan) => {
    const calls = sources.flatMap((source) =>
      [...source.matchAll(/play(?:Plan|Variants)\(\s*'([^']+)'/g)].map(([, name]) => name),
    );
    expect(calls.filter((name) => name === plan)).toHaveLength(1);
  });
});

describe('docs/conformance.md', () => {
  const report = (change: (target: string) => string = (target) => target): JsonReport => ({
    testResults: [
      {
        assertionResults: ['A', 'B', 'C'].map(change).flatMap((target) =>
          allModules.map(({ plan, name }) => ({
            ancestorTitles: [`[${target} nginx 1.2.3 njs 1.0.0 (njs)] ${plan}`],
            title: name,
            status: target === 'B' ? 'failed' : 'passed',
          })),
        ),
      },
    ],
  });

  it('has a row for each module with the result on each target', () => {
    const tables = conformanceTables(conformanceRunOf(report()));
    const rows = tables.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toHaveLength(allModules.length);
    expect(rows[0]).toMatch(/^\| `oidcc-client-test` \| finish: .* \| passed \| passed \| failed \| passed \|$/);
    expect(rows.find((row) => row.includes('sig-none'))).toMatch(/ \| skipped \| passed \| failed \| passed \|$/);
    expect(tables).toContain('- C: nginx 1.2.3 njs 1.0.0 (njs)');
  });

  it('can be read back, so that a check without a run notices other modules', () => {
    const run = conformanceRunOf(report());
    const tables = conformanceTables(run);
    expect(conformanceTables(parseConformanceTables(tables))).toBe(tables);
    const without = tables.replace(/^\| `oidcc-client-test-invalid-iss` .*\n/m, '');
    expect(conformanceTables(parseConformanceTables(without))).not.toBe(without);
    const renamed = tables.replace('oidcc-client-test-missing-sub', 'oidcc-client-test-no-sub');
    expect(conformanceTables(parseConformanceTables(renamed))).not.toBe(renamed);
  });

  it('is not written from a run on some targets only', () => {
    expect(() => conformanceRunOf(report((target) => (target === 'C' ? 'B' : target)))).toThrow(/no module ran on C/);
  });
});
