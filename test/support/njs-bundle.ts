import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

/** A module of the tests as one file that every engine loads. It has no async functions: those need build.mjs. */
export async function njsBundle(path: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(path, import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: ['crypto', 'fs'],
  });
  const { ES5: target } = ts.ScriptTarget;
  return ts.transpileModule(outputFiles[0]?.text ?? '', {
    compilerOptions: { target, module: ts.ModuleKind.ESNext },
  }).outputText;
}
