import { existsSync, readFileSync } from 'node:fs';
import GithubSlugger from 'github-slugger';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { linkedFile } from '../../../site/markdown';
import { pageFiles, root } from '../../../site/pages';

const parser = new MarkdownIt();
const pages = pageFiles();

interface Page {
  /** the anchors that repository browsers give its headings */
  anchors: string[];
  /** targets of links and pictures */
  links: string[];
}

function read(file: string): Page {
  const tokens = parser.parse(readFileSync(root + file, 'utf8'), {});
  const slugger = new GithubSlugger();
  const headings = tokens.flatMap((token, index) => (token.type === 'heading_open' ? [tokens[index + 1]] : []));
  const words = headings.map((heading) => (heading?.children ?? []).map(({ content }) => content).join(''));
  const parts = tokens.flatMap(({ children }) => children ?? []);
  return {
    anchors: words.map((heading) => slugger.slug(heading)),
    links: parts
      .flatMap((part) => [part.attrGet('href'), part.attrGet('src')])
      .filter((target) => typeof target === 'string'),
  };
}

/** What is wrong with a link; '' for nothing. */
function mistake(file: string, link: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return /^https?:\/\/\S+$/.test(link) && URL.canParse(link) ? '' : 'no address';
  const target = linkedFile(file, link) ?? file;
  if (!existsSync(root + target)) return 'no such file';
  const [, anchor] = link.split('#');
  if (anchor === undefined) return '';
  if (!target.endsWith('.md')) return 'a place in a file that is no page';
  return read(target).anchors.includes(anchor) ? '' : 'no such heading';
}

describe('links', () => {
  it.each(pages)('of %s lead somewhere', (file) => {
    const wrong = read(file).links.flatMap((link) => {
      const what = mistake(file, link);
      return what === '' ? [] : [`${link}: ${what}`];
    });
    expect(wrong).toEqual([]);
  });

  it('that lead nowhere are found', () => {
    expect(mistake('docs/apis.md', 'nowhere.md')).toBe('no such file');
    expect(mistake('docs/apis.md', 'configuration.md#nowhere')).toBe('no such heading');
    expect(mistake('docs/apis.md', '#nowhere')).toBe('no such heading');
    expect(mistake('docs/apis.md', 'https://')).toBe('no address');
    expect(mistake('docs/apis.md', 'providers/README.md#the-same-everywhere')).toBe('');
  });
});
