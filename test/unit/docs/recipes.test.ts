import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recipeNames, recipeOf } from '../../support/recipes';

const folder = new URL('../../integration/recipes/', import.meta.url);
const tests = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8').replaceAll(/\(\s+/g, '('));

describe('docs/recipes.md', () => {
  it('has recipes', () => {
    expect(recipeNames().length).toBeGreaterThan(1);
  });

  it.each(recipeNames())('"%s" has something to copy, and a test that runs it', (name) => {
    const { inside, outside } = recipeOf(name);
    expect(inside + outside).toMatch(/\S/);
    expect(tests.filter((text) => text.includes(`testRecipe('${name}'`))).toHaveLength(1);
  });
});
