import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { completeNavigation, navigation, unlisted } from '../../../site/navigation';
import { pageFiles, root } from '../../../site/pages';

describe('the navigation of the documentation site', () => {
  it.each(pageFiles())('has %s in a section: else add a line to site/navigation.ts', (file) => {
    expect(unlisted([file])).toEqual([]);
  });

  it('names only pages that exist, each once', () => {
    const files = navigation.flatMap(({ pages }) => pages.map(({ file }) => file));
    expect(files.filter((file) => !existsSync(root + file) && !existsSync(`${root}site/own-pages/${file}`))).toEqual(
      [],
    );
    expect(files.filter((file, index) => files.indexOf(file) !== index)).toEqual([]);
  });

  it('shows a page that nobody put anywhere, last', () => {
    const last = completeNavigation(['docs/new.md', 'README.md'], []).at(-1);
    expect(last).toEqual({ title: 'More', pages: [{ file: 'docs/new.md' }] });
  });

  it('has the pages of the settings in the reference', () => {
    const page = { file: 'settings/sign-in.md', title: 'Sign-in' };
    const reference = completeNavigation([], [page]).find(({ title }) => title === 'Reference');
    expect(reference?.pages).toContainEqual(page);
  });
});
