import { describe, expect, it } from 'vitest';
import { allSettings } from '../../../scripts/docs/configuration-table';
import { replaceGenerated, siteMarkdown } from '../../../site/markdown';
import { pageFiles, sitePath } from '../../../site/pages';
import { settingsPages } from '../../../site/settings-pages';

const targets = {
  pages: ['README.md', 'SECURITY.md', 'docs/apis.md', 'docs/providers/README.md', 'docs/providers/okta.md'],
  exists: (path: string) => path === 'docs/monitoring/board.json',
};
const changed = (file: string, text: string) => siteMarkdown(file, text, targets);

describe('pages of the site', () => {
  it.each([
    ['README.md', '[a](docs/apis.md#x) [b](docs/providers)', '[a](/apis.md#x) [b](/providers/index.md)'],
    ['docs/apis.md', '[a](../README.md) [b](../SECURITY.md)', '[a](/get-started.md) [b](/security.md)'],
    ['docs/providers/okta.md', '[a](README.md) [b](../apis.md)', '[a](/providers/index.md) [b](/apis.md)'],
    [
      'docs/apis.md',
      '[here](#there) [RFC](https://example.com/a.md)',
      '[here](#there) [RFC](https://example.com/a.md)',
    ],
    ['docs/apis.md', '[board](monitoring/board.json)', '[board](/monitoring/board.json)'],
    ['docs/apis.md', 'see [the code](../src/index.ts)', 'see the code'],
    ['docs/apis.md', '![picture](sign-in.svg)', '![picture](sign-in.svg)'],
  ])('%s: links lead to pages of the site: %s', (file, text, expected) => {
    expect(changed(file, text)).toBe(expected);
  });

  it('what stands in a block of code stays as it is', () => {
    const code = '```sh\n[a](apis.md)\n```\n    [still text](apis.md)';
    expect(changed('docs/apis.md', code)).toBe('```sh\n[a](apis.md)\n```\n    [still text](/apis.md)');
  });

  it('each page has a place of its own', () => {
    const paths = pageFiles().map(sitePath);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toContain('providers/index.md');
  });

  it('a generated part is replaced whole, and missed where it is not', () => {
    const text = 'a\n<!-- generated: x (npm run docs) -->\nold\n<!-- end: x -->\nb';
    expect(replaceGenerated(text, 'x', 'new $& one')).toBe('a\nnew $& one\nb');
    expect(() => replaceGenerated(text, 'y', '')).toThrow(/no generated part "y"/);
  });

  it('each setting has a heading, on the page of its group', () => {
    const text = settingsPages()
      .map((page) => page.text)
      .join('\n');
    const missing = Object.keys(allSettings).filter((name) => !text.includes(`\n## $oidc_${name}\n`));
    expect(missing).toEqual([]);
  });
});
