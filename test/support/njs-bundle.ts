import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lowerWithHelpers } from '../../scripts/build/lower.mjs';

/** A module of the tests as one file that every engine loads, lowered as the build does. */
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
  return lowerWithHelpers(outputFiles[0]?.text ?? '');
}
