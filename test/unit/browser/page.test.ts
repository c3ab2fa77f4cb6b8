import { describe, expect, it } from 'vitest';
import { renderChooser } from '../../../src/browser/chooser-page';
import { pageHeaders, renderPage } from '../../../src/browser/page';

const hostile = `"><img src=x onerror=alert(1)>'&`;

describe('a page', () => {
  it('shows what it is given as text, wherever it stands', () => {
    const html = renderPage({
      title: hostile,
      text: hostile,
      note: hostile,
      actions: [
        { label: hostile, href: `/${hostile}` },
        { label: hostile, href: `/${hostile}`, post: true },
      ],
      reference: hostile,
    });
    expect(html).not.toContain('<img');
    expect(html).not.toContain(`'&`);
    expect(html.match(/&lt;img src=x onerror=alert\(1\)&gt;&#39;&amp;/g)).toHaveLength(9);
  });

  it('that lets a person choose shows what it is given as text, wherever it stands', () => {
    const html = renderChooser({
      providers: [{ label: hostile, href: `/${hostile}`, logo: hostile, lastUsed: true }],
      email: { action: `/${hostile}`, path: hostile, address: hostile, problem: hostile },
    });
    expect(html.match(/&lt;img src=x onerror=alert\(1\)&gt;&#39;&amp;/g)).toHaveLength(7);
    expect(html.match(/<img/g)).toEqual(['<img']); // the logo's own
    expect(html).not.toContain(`'&`);
  });

  it('posts from a button, and leads on by a link', () => {
    const link = renderPage({ title: 't', text: 't', actions: [{ label: 'Go', href: '/a' }] });
    expect(link).toContain('<a href="/a">Go</a>');
    const button = renderPage({ title: 't', text: 't', actions: [{ label: 'Go', href: '/a', post: true }] });
    expect(button).toContain('<form method="post" action="/a"><button>Go</button></form>');
  });

  it('loads nothing, runs nothing, is stored and framed nowhere', () => {
    const html = renderPage({ title: 't', text: 't', actions: [] });
    expect(html).not.toMatch(/<script|<link|\bsrc=|https?:|url\(/);
    const headers = pageHeaders(false);
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
    expect(pageHeaders(true)['Content-Security-Policy']).toContain("form-action 'self' https: http:;");
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  });
});
