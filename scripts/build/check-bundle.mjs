import ts from 'typescript';

/**
 * What the bundle may name without defining it: present on every engine (docs/decisions.md). Map, URL, Object.hasOwn
 * and their like are not; src/tsconfig.json keeps them out of the sources, this keeps them out of what a tool adds.
 */
const present = [
  'Array Boolean Buffer Date Error Infinity JSON Math Number Object Promise RegExp String Symbol TextDecoder TypeError',
  'Uint8Array clearTimeout crypto decodeURIComponent encodeURIComponent ngx njs parseInt setTimeout undefined',
  'Iterator SuppressedError', // TypeScript's helpers ask for these with typeof
]
  .join(' ')
  .split(' ');

const missingMember =
  /\bObject\.(hasOwn|fromEntries|groupBy)\b|\.(matchAll|localeCompare|normalize|findLast|flatMap|structuredClone|randomUUID)\(/g;

const nameNotFound = 2304;
const nameNotFoundButSimilar = [2552, 2580, 2583, 2584, 2585];

/** Throws when the bundle, already ES5 (esbuild stops on anything newer), names what a target lacks. */
export function checkBundle(code) {
  const files = { 'bundle.js': code, 'present.d.ts': present.map((name) => `declare var ${name}: any;`).join('\n') };
  const host = {
    ...ts.createCompilerHost({}),
    getSourceFile: (name) => (files[name] === undefined ? undefined : ts.createSourceFile(name, files[name], 99, true)),
    fileExists: (name) => name in files,
    readFile: (name) => files[name],
  };
  const program = ts.createProgram(
    Object.keys(files),
    { allowJs: true, checkJs: true, noLib: true, noEmit: true, types: [], target: ts.ScriptTarget.ES2022 },
    host,
  );
  const problems = program
    .getSemanticDiagnostics(program.getSourceFile('bundle.js'))
    .filter(({ code }) => code === nameNotFound || nameNotFoundButSimilar.includes(code))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  const members = code.match(missingMember) ?? [];
  const all = [...new Set([...problems, ...members])];
  if (all.length > 0) {
    throw new Error(`the bundle uses what a target lacks:\n  ${all.join('\n  ')}`);
  }
}
