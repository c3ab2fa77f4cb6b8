import { transformSync } from '@babel/core';
import { describe, expect, it } from 'vitest';
import { checkBundle } from '../../../scripts/build/check-bundle.mjs';
import { lower, lowerWithHelpers } from '../../../scripts/build/lower.mjs';

describe('the check of a bundle', () => {
  it('accepts what every engine has, and helpers of ours', async () => {
    const code = 'export default async (r) => { await ngx.fetch(r.uri); return { ...r, b: Object.keys(r) }; };';
    const lowered = await lowerWithHelpers(code);
    expect(() => checkBundle(lowered)).not.toThrow();
  });

  it.each([
    ['a class of newer engines', 'export default () => new Map();', 'Map, which nothing defines'],
    ['a typeof of it', 'export default () => typeof URL;', 'URL, which nothing defines'],
    ['a function of newer engines', 'export default (o) => Object.hasOwn(o, "a");', 'Object.hasOwn'],
  ])('refuses %s', (_title, code, problem) => {
    expect(() => checkBundle(code)).toThrow(problem);
  });

  it('refuses a call of a helper that is not there', async () => {
    const lowered = await lower(
      'export default (o) => { for (const key in o) { const { a, ...rest } = o[key]; return rest; } };',
    );
    expect(() => checkBundle(lowered)).toThrow('__objectWithoutPropertiesLoose, which nothing defines');
  });

  it.each([
    ['regenerator', 'export default async (o) => { await o; };'],
    ['objectSpread', 'export default (o) => ({ ...o });'],
    ['slicedToArray', 'export default ([a, b]) => a + b;'],
  ])("refuses the text of Babel's own %s", (name, code) => {
    const presets = [['@babel/preset-env', { targets: { ie: '11' }, modules: false }]];
    const lowered = transformSync(code, { configFile: false, presets })?.code ?? '';
    expect(() => checkBundle(lowered)).toThrow(`_${name}(), a helper of Babel's`);
  });
});
