import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const section = readFileSync(new URL('SECURITY.md', root), 'utf8').split('## Who can do what')[1]?.split('\n## ')[0];
const rows = [...(section ?? '').matchAll(/^\| (?!Who |---)(.*) \|$/gm)].map(([, row = '']) => row.split(' | '));

it('every row of the threat table in SECURITY.md names tests that exist', () => {
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) {
    const files = [...(row.at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
    expect(files, row.join(' | ')).not.toEqual([]);
    for (const file of files) expect(existsSync(new URL(`test/${file}`, root)), `test/${file}`).toBe(true);
  }
});
