import { buildExternalHelpers, parseSync, types as t, traverse } from '@babel/core';

/**
 * What the bundle may name without defining it: present on every engine (docs/decisions.md). Map, URL, Object.hasOwn
 * and their like are not; src/tsconfig.json keeps them out of the sources, this keeps them out of what a tool adds.
 */
const present = [
  'Array Boolean Buffer Date Error Infinity JSON Math Number Object Promise RegExp String Symbol TextDecoder TypeError',
  'Uint8Array arguments clearTimeout crypto decodeURIComponent encodeURIComponent globalThis ngx njs parseInt setTimeout undefined',
]
  .join(' ')
  .split(' ');

const missingMember =
  /\bObject\.(hasOwn|fromEntries|groupBy)\b|\.(matchAll|localeCompare|normalize|findLast|flatMap|structuredClone|randomUUID)\(/g;

/**
 * Throws when a bundle names what a target lacks, calls a helper that babel-helpers.js does not have, or has the text of
 * one of Babel's own.
 * @param code the lowered bundle, not minified: already ES5 (esbuild stops on anything newer)
 */
export function checkBundle(code) {
  const problems = new Set(code.match(missingMember) ?? []);
  traverse(parseSync(code, { configFile: false, babelrc: false, sourceType: 'module' }), {
    Program({ scope }) {
      for (const name of Object.keys(scope.globals).filter((one) => !present.includes(one))) {
        problems.add(`${name}, which nothing defines`);
      }
    },
    Function({ node: { id } }) {
      if (t.isIdentifier(id) && ownOfBabel.has(id.name)) {
        problems.add(`${id.name}(), a helper of Babel's: give scripts/build/babel-helpers.js one of ours`);
      }
    },
  });
  if (problems.size > 0) {
    throw new Error(`the bundle uses what a target lacks:\n  ${[...problems].join('\n  ')}`);
  }
}

/** Names under which Babel writes its helpers into a file. */
const ownOfBabel = new Set(
  [...buildExternalHelpers().matchAll(/babelHelpers\.(\w+) = /g)].map(([, name]) => `_${name}`),
);
