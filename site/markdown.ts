import { posix } from 'node:path';
import { sitePath } from './pages';

/** What a link of a page leads to. */
interface Targets {
  /** the files that are pages of the site */
  pages: string[];
  /** whether the repository has such a file */
  exists(path: string): boolean;
}

const fence = /^\s*(`{3,}|~{3,})/;

/** Applies `change` to the text between code blocks, line by line. */
function outsideCode(text: string, change: (line: string) => string): string {
  let open = '';
  return text
    .split('\n')
    .map((line) => {
      const [, mark = ''] = fence.exec(line) ?? [];
      if (mark !== '' && (open === '' || mark.startsWith(open))) open = open === '' ? mark : '';
      else if (open === '') return change(line);
      return line;
    })
    .join('\n');
}

/** The path in the repository that a link of `file` names; undefined for an address and for a place on the same page. */
export function linkedFile(file: string, target: string): string | undefined {
  if (/^(?:[a-z][a-z0-9+.-]*:|#)/i.test(target)) return undefined;
  const path = posix.join(posix.dirname(file), target.replace(/#.*$/, ''));
  return path === 'docs/providers' ? 'docs/providers/README.md' : path;
}

/** A page's text with its links for the site: to other pages, to files that are served beside them, else only their words. */
export function siteMarkdown(file: string, text: string, { pages, exists }: Targets): string {
  return outsideCode(text, (line) =>
    line.replace(/(!?)\[([^\]]*)\]\(([^)\s]+)\)/g, (link, picture: string, words: string, target: string) => {
      const path = linkedFile(file, target);
      if (path === undefined || picture) return link;
      if (pages.includes(path)) return `[${words}](/${sitePath(path)}${/#.*$/.exec(target)?.[0] ?? ''})`;
      return path.startsWith('docs/') && exists(path) ? `[${words}](/${path.slice('docs/'.length)})` : words;
    }),
  );
}

/** The same text with another part between the lines that mark a generated one. */
export function replaceGenerated(text: string, name: string, part: string): string {
  const marked = new RegExp(`<!-- generated: ${name} .*?<!-- end: ${name} -->`, 's');
  if (!marked.test(text)) throw new Error(`there is no generated part "${name}"`);
  return text.replace(marked, () => part);
}
