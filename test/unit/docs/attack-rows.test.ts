import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attackRows, rowsOf } from '../../security/rows';

const folder = new URL('../../security/', import.meta.url);
const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join('\n');
const titles = (call: string) =>
  [...sources.matchAll(new RegExp(`\\b${call}\\(\\s*(['"\`])([^\\n]*?)\\1,?\\s*[,)]`, 'g'))].map(
    ([, , title = '']) => title,
  );
const todos = titles('it\\.todo');
const tests = [...titles('it'), ...todos];

describe('test/security', () => {
  it.each(attackRows)('has a test, or a reason for none, of row %s', (row) => {
    expect(tests.filter((title) => rowsOf(title).includes(row))).not.toEqual([]);
  });

  it('names no row that does not exist', () => {
    expect(tests.flatMap(rowsOf).filter((row) => !attackRows.includes(row))).toEqual([]);
  });

  it('says why of each row that is not tested', () => {
    const rows = todos.filter((title) => rowsOf(title).length > 0);
    expect(rows.filter((title) => !/ — .{20,}$/.test(title))).toEqual([]);
  });
});
