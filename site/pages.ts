import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, with `/` at its end. */
export const root = fileURLToPath(new URL('../', import.meta.url));

const outsideDocs = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

/** The Markdown files that become pages, by their path in the repository. */
export function pageFiles(): string[] {
  const docs = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`);
  return [...outsideDocs, ...docs.sort()];
}

/** Where a file of the repository, or one that the site makes, stands in the site: `docs/providers/README.md` is `providers/index.md`. */
export function sitePath(file: string): string {
  if (file === 'README.md') return 'get-started.md';
  const inside = file.startsWith('docs/') ? file.slice('docs/'.length) : file.toLowerCase();
  return inside.replace(/(^|\/)README\.md$/, '$1index.md');
}
