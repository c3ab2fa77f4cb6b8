import { describe, expect, it } from 'vitest';
import { type PageSettingName, readPageSettings } from '../../../src/config/page-settings';

function read(values: Partial<Record<PageSettingName, string>>) {
  const problems: string[] = [];
  const look = readPageSettings(
    (name) => values[name.slice('oidc_'.length) as PageSettingName],
    (problem) => problems.push(problem),
  );
  return { look, problems };
}

describe('the look of pages', () => {
  it('is plain, and in seven languages, unless it is set', () => {
    expect(read({})).toEqual({
      problems: [],
      look: {
        page_name: '',
        page_logo: '',
        page_color: '',
        page_style: '',
        page_contact: { text: '', href: '' },
        page_languages: ['en', 'de', 'fr', 'es', 'ja', 'pt', 'zh-Hans'],
        page_texts: '',
      },
    });
  });

  it.each<[PageSettingName, string]>([
    ['page_name', 'Müller & Söhne <Intranet>'],
    ['page_logo', '/public/logo.svg?v=2'],
    ['page_logo', 'data:image/png;base64,AAAA'],
    ['page_color', '#0a5fb4'],
    ['page_color', '#ABC'],
    ['page_style', '/own.css'],
    ['page_texts', '/etc/nginx/oidc texts'],
  ])('takes %s %j as it is', (name, value) => {
    expect(read({ [name]: value })).toMatchObject({ problems: [], look: { [name]: value } });
  });

  it.each([
    ['Help desk, room 12', { text: 'Help desk, room 12', href: '' }],
    ['Help desk <mailto:help@example.com>', { text: 'Help desk', href: 'mailto:help@example.com' }],
    [
      '<mailto:help@example.com?subject=Sign-in>',
      { text: 'help@example.com?subject=Sign-in', href: 'mailto:help@example.com?subject=Sign-in' },
    ],
    [
      '<https://help.example.com/sign-in#top>',
      { text: 'help.example.com/sign-in#top', href: 'https://help.example.com/sign-in#top' },
    ],
    ['Help </help>', { text: 'Help', href: '/help' }],
  ])('takes the contact %j apart', (text, contact) => {
    expect(read({ page_contact: text })).toMatchObject({ problems: [], look: { page_contact: contact } });
  });

  it.each<[PageSettingName, string]>([
    ['page_name', 'two\nlines'],
    ['page_name', 'x'.repeat(201)],
    ['page_logo', 'https://cdn.example/logo.svg'],
    ['page_logo', '//cdn.example/logo.svg'],
    ['page_logo', '/\\cdn.example/logo.svg'],
    ['page_logo', 'javascript:alert(1)'],
    ['page_logo', 'data:text/html;base64,AAAA'],
    ['page_logo', '/logo.svg"onerror="alert(1)'],
    ['page_color', 'red'],
    ['page_color', '#12'],
    ['page_color', '#fff}body{display:none'],
    ['page_color', 'url(/x)'],
    ['page_style', 'https://cdn.example/own.css'],
    ['page_style', '//cdn.example/own.css'],
    ['page_style', 'own.css'],
    ['page_contact', '<javascript:alert(1)>'],
    ['page_contact', 'Help <http://help.example.com/>'],
    ['page_contact', 'Help <//help.example.com/>'],
    ['page_contact', 'Help <data:text/html,x>'],
    ['page_contact', 'Help <mailto:help@example.com'],
    ['page_contact', 'Help <>'],
    ['page_contact', ' '],
    ['page_contact', '<b>Help</b>'],
    ['page_languages', 'en ../../etc/passwd'],
    ['page_languages', 'en_US'],
    ['page_languages', 'en,de'],
    ['page_languages', ' '],
    ['page_texts', '/etc/\nnginx'],
  ])('does without %s %j, and says which it is', (name, value) => {
    const { look, problems } = read({ [name]: value });
    expect(look).toEqual(read({}).look);
    expect(problems).toEqual([expect.stringMatching(`^\\$oidc_${name} must be `)]);
  });
});
