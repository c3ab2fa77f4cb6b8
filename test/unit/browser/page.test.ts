import { describe, expect, it } from 'vitest';
import { renderChooser } from '../../../src/browser/chooser-page';
import { type Page, pageHeaders, renderPage } from '../../../src/browser/page';
import type { PageText } from '../../../src/browser/page-texts';
import { pageFrame } from '../../support/page-frame';

const hostile = `"><img src=x onerror=alert(1)>'&`;
const escaped = /&lt;img src=x onerror=alert\(1\)&gt;&#39;&amp;/g;
const aPage: Page = { title: 'Signed out', text: ['You are signed out of this site.'], actions: [] };

describe('a page', () => {
  it('shows what it is given as text, wherever it stands', () => {
    const text = hostile as PageText;
    const page: Page = {
      title: text,
      text: [text, { text: 'The provider says: {answer}', values: { answer: hostile } }],
      actions: [
        { label: text, href: `/${hostile}` },
        { label: text, href: `/${hostile}`, post: true },
      ],
      cause: hostile,
      reference: hostile,
    };
    const html = renderPage(page, pageFrame());
    expect(html).not.toContain('<img');
    expect(html).not.toContain(`'&`);
    expect(html.match(escaped)).toHaveLength(10);
  });

  it('shows a translation and the words of the operator as text, too', () => {
    const frame = pageFrame('en', { page_name: 'n', page_contact: 'c' });
    const html = renderPage(
      { ...aPage, actions: [{ label: 'Try again', href: '/' }] },
      { ...frame, say: () => hostile },
    );
    expect(html).not.toContain('<img');
    expect(html.match(escaped)).toHaveLength(8); // heading, title with the name, header, text, action, contact
  });

  it('that lets a person choose shows what it is given as text, wherever it stands', () => {
    const chooser = {
      providers: [{ label: hostile, href: `/${hostile}`, logo: hostile, lastUsed: true }],
      email: { action: `/${hostile}`, path: hostile, address: hostile, problem: { text: hostile } },
    };
    const html = renderChooser(chooser, pageFrame());
    expect(html.match(escaped)).toHaveLength(7);
    expect(html.match(/<img/g)).toEqual(['<img']); // the logo's own
    expect(html).not.toContain(`'&`);
  });

  it('posts from a button, and leads on by a link', () => {
    const link = renderPage({ ...aPage, actions: [{ label: 'Try again', href: '/a' }] }, pageFrame());
    expect(link).toContain('<a href="/a">Try again</a>');
    const button = renderPage({ ...aPage, actions: [{ label: 'Sign out', href: '/a', post: true }] }, pageFrame());
    expect(button).toContain('<form method="post" action="/a"><button>Sign out</button></form>');
  });

  it('loads nothing, runs nothing, is stored and framed nowhere', () => {
    const html = renderPage(aPage, pageFrame());
    expect(html).not.toMatch(/<script|<link|\bsrc=|https?:|url\(/);
    const headers = pageHeaders(pageFrame(), false);
    const policy = headers['Content-Security-Policy'] ?? '';
    for (const rule of [
      "default-src 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self' https:;",
    ]) {
      expect(policy).toContain(rule);
    }
    expect(policy).not.toContain('script-src');
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("style-src 'nonce-a-nonce-of-the-test';");
    expect(policy).toContain('img-src data:;');
    expect(html).toContain('<style nonce="a-nonce-of-the-test">');
    expect(pageHeaders(pageFrame(), true)['Content-Security-Policy']).toContain("form-action 'self' https: http:;");
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  });

  it('says in which language it is, which the browser chose', () => {
    const german = pageFrame('de');
    const html = renderPage(aPage, german);
    expect(html).toContain('<html lang="de"><head>');
    expect(html).toContain('<h1>Abgemeldet</h1><p>Sie sind von dieser Website abgemeldet.</p>');
    expect(pageHeaders(german, false)).toMatchObject({ 'Content-Language': 'de', Vary: 'Accept-Language' });
    expect(renderPage(aPage, { ...pageFrame(), language: 'ar' })).toContain('<html lang="ar" dir="rtl">');
  });

  it('has what the operator puts there, and its policy lets nothing else in', () => {
    const frame = pageFrame('en', {
      page_name: 'Acme & Sons',
      page_logo: '/public/logo.svg',
      page_color: '#ffd400',
      page_style: '/public/own.css',
      page_contact: 'Help desk <mailto:help@acme.example>',
    });
    const html = renderPage(aPage, frame);
    expect(html).toContain('<title>Signed out – Acme &amp; Sons</title>');
    expect(html).toContain('<header><img src="/public/logo.svg" alt="Acme &amp; Sons"></header>');
    expect(html).toContain('<link rel="stylesheet" href="/public/own.css">');
    expect(html).toContain('--own:#ffd400;--on-own:#000');
    expect(html).toContain('<footer>Need help? <a href="mailto:help@acme.example">Help desk</a></footer>');
    const policy = pageHeaders(frame, false)['Content-Security-Policy'];
    expect(policy).toContain("style-src 'nonce-a-nonce-of-the-test' 'self'; img-src data: 'self';");
    expect(renderPage(aPage, pageFrame())).not.toMatch(/<header|<footer|<link/);
    expect(renderPage(aPage, pageFrame('en', { page_name: 'Acme' }))).toContain('<header>Acme</header>');
  });
});
