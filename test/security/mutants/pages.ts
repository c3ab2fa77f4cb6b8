// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import { type Mutant, onNginx, unit } from './mutant';

const page = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'browser/page', text, replacement, 'browser/page', pattern);
const setting = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'config/page-settings', text, replacement, 'config/page-settings', pattern);

export const pages: Mutant[] = [
  page('pages: text is HTML', 'escapeHtml(frame.say(text, values))', 'frame.say(text, values)', 'as text, wherever'),
  page(
    'pages: what the provider says is HTML',
    "escapeHtml(typeof text === 'string' ? frame.say(text) : frame.say(text.text, text.values))",
    "typeof text === 'string' ? frame.say(text) : frame.say(text.text, text.values)",
    'as text, wherever',
  ),
  page('pages: a link is HTML', '<a href="${escapeHtml(href)}">', '<a href="${href}">', 'as text, wherever'),
  page('pages: a title is HTML', '<h1>${escapeHtml(title)}</h1>', '<h1>${title}</h1>', 'as text, wherever'),
  page(
    "pages: the site's name is HTML",
    'alt="${escapeHtml(name)}">` : escapeHtml(name)',
    'alt="${name}">` : name',
    'the words of the operator as text',
  ),
  page(
    'pages: the contact is HTML',
    'const who = escapeHtml(say(contact.text));',
    'const who = say(contact.text);',
    'the words of the operator as text',
  ),
  page(
    'pages: any style of a page counts',
    "style-src 'nonce-${nonce}'",
    "style-src 'unsafe-inline'",
    'runs nothing, is stored',
  ),
  page('pages: pictures of anywhere', 'img-src data:${own(look.page_logo)}', 'img-src *', 'runs nothing, is stored'),
  page('pages: framed by anybody', "frame-ancestors 'none'; ", '', 'runs nothing, is stored'),
  page(
    'pages: pictures and styles of the site where none is set',
    "(path.startsWith('/') ? \" 'self'\" : '')",
    "(path === '' ? \" 'self'\" : \" 'self'\")",
    'runs nothing, is stored',
  ),
  onNginx(
    'pages: one nonce for all',
    'browser/frame',
    'nonce: randomToken(16),',
    "nonce: 'AAAAAAAAAAAAAAAAAAAAAA',",
    'integration/pages',
    'each page has another',
  ),
  setting('pages: a link may run a script', '!link.test(href) && ', '!/^[a-z]+:/.test(href) && ', 'page_contact'),
  setting(
    'pages: a logo of another site',
    'const path = /^\\/(?![/\\\\])',
    'const path = /^\\/',
    'does without page_logo',
  ),
  setting(
    'pages: a colour is any style',
    '/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i',
    '/^#(?:[0-9a-f]{3}|[0-9a-f]{6})/i',
    'does without page_color',
  ),
  setting(
    'pages: a language is any path',
    'split(value).every((word) => tag.test(word))',
    'split(value).every((word) => word)',
    'does without page_languages',
  ),
  unit(
    'pages: a header of any length',
    'browser/accept-language',
    'header.length > longestHeader ? [] : header.split',
    'header.length < 0 ? [] : header.split',
    'browser/accept-language',
    'that nobody sends',
  ),
  unit(
    'pages: a language that the browser refuses',
    'browser/accept-language',
    'const left = offered.filter(',
    'const left = offered.filter(() => true) || offered.filter(',
    'browser/accept-language',
    'that the browser refuses',
  ),
  unit(
    'pages: white on yellow',
    'browser/style',
    "1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 ? '#fff' : '#000'",
    "luminance < 2 ? '#fff' : '#000'",
    'browser/style',
    'can be read',
  ),
  unit(
    'pages: a file of any size',
    'browser/texts',
    'readBytes(path, longest)',
    'readBytes(path, longest * 9)',
    'browser/texts',
    'is too large',
  ),
];
