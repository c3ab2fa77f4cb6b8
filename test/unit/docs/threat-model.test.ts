import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/threat-model.md', root), 'utf8');
const lines = page
  .split('\n')
  .filter((line) => /^\| .* \|$/.test(line))
  .map((line) => line.slice(2, -2).split(' | '))
  .filter((cells) => cells.length === 4 && cells[3] !== 'Test');

/** The tests that a line points to: file and title. */
const testsOf = (cell: string) =>
  [...cell.matchAll(/`([^`]+)` "([^"]+)"/g)].map(([, file = '', title = '']) => ({ file, title }));

describe('docs/threat-model.md', () => {
  it('has lines for attackers in many places', () => {
    expect(lines.length).toBeGreaterThan(30);
    expect(page.match(/^## /gm)?.length).toBeGreaterThan(7);
  });

  it.each(lines.map((cells) => [cells[0], cells] as const))('"%s" names tests that exist', (_, cells) => {
    const tests = testsOf(cells[3] ?? '');
    expect(tests).not.toEqual([]);
    expect((cells[3] ?? '').replace(/`[^`]+` "[^"]+"(?:, )?/g, '')).toBe('');
    for (const { file, title } of tests) {
      const path = new URL(`test/${file}`, root);
      expect(existsSync(path), `test/${file}`).toBe(true);
      const source = readFileSync(path, 'utf8');
      const isNamed = ["'", '`'].some((quote) => source.includes(`${quote}${title}${quote}`));
      expect(isNamed, `${file} has no test "${title}"`).toBe(true);
    }
  });

  it('says for each attack what stops it and what is left', () => {
    expect(lines.filter((cells) => cells.slice(0, 3).some((cell) => cell.trim().length < 3))).toEqual([]);
  });
});
