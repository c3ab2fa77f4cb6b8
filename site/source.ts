import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceGenerated, siteMarkdown } from './markdown';
import { pageFiles, root, sitePath } from './pages';
import { settingsIndex, settingsPages } from './settings-pages';

/**
 * Writes what the site is built from: the repository's pages, their links changed for the site, a page for each group
 * of settings, and the site's own pages. What stands in the folder before is removed.
 */
export function writeSource(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const pages = pageFiles();
  const targets = { pages, exists: (path: string) => existsSync(root + path) };
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  for (const file of pages) {
    const text = readFileSync(root + file, 'utf8');
    write(sitePath(file), siteMarkdown(file, forSite(file, text), targets));
  }
  for (const { file, text } of settingsPages()) write(file, siteMarkdown('docs/configuration.md', text, targets));
  for (const name of readdirSync(`${root}site/own-pages`)) {
    write(name, readFileSync(`${root}site/own-pages/${name}`, 'utf8'));
  }
  copyAssets(folder);
}

/** The tables of all settings have pages of their own in the site. */
function forSite(file: string, text: string): string {
  if (file === 'docs/configuration.md') return replaceGenerated(text, 'settings', settingsIndex());
  if (file === 'README.md') return replaceGenerated(text, 'settings-overview', '');
  return text;
}

/** Pictures stand beside the pages that show them; what a page links to is served as it is. */
function copyAssets(folder: string): void {
  for (const path of readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })) {
    if (!/\.[a-z]+$/.test(path) || path.endsWith('.md')) continue;
    const place = /\.(?:svg|png|jpe?g|webp)$/.test(path) ? path : `public/${path}`;
    mkdirSync(dirname(join(folder, place)), { recursive: true });
    copyFileSync(`${root}docs/${path}`, join(folder, place));
  }
}
