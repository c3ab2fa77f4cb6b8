import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Html, html, trusted } from './html';

/** One page: its parts, and which party it belongs to (the two look different on purpose). */
export interface Page {
  title: string;
  party: 'application' | 'provider';
  body: Html;
  /** CSS and JavaScript of this page alone, without tags */
  style?: string;
  script?: string;
}

const themes = {
  application: { light: '#00793a', dark: '#4fd58c', onDark: '#06210f' },
  provider: { light: '#4b48c8', dark: '#a9a6ff', onDark: '#14122e' },
};

const style = `
*, ::before, ::after { box-sizing: border-box }
:root {
  color-scheme: light dark; --bg: #f4f6f8; --surface: #fff; --ink: #18212b; --muted: #56636f; --line: #dfe5ea;
  --soft: #f4f6f8; --bad: #b3261e; --shadow: 0 1px 2px rgb(16 24 32 / 6%), 0 8px 24px rgb(16 24 32 / 6%);
  --tint: color-mix(in srgb, var(--accent) 10%, var(--surface));
}
@media (prefers-color-scheme: dark) { :root {
  --bg: #0e1317; --surface: #161d23; --ink: #e8edf1; --muted: #9aa8b4; --line: #2a343d; --soft: #1c252c; --bad: #ff9d94;
  --shadow: none;
} }
html { -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--bg); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", sans-serif }
h1, h2, p { margin: 0 }
h1 { font-size: 1.6rem; line-height: 1.2; letter-spacing: -.015em; text-wrap: balance }
h2 { font-size: 1.05rem; line-height: 1.3 }
a { color: var(--accent); text-underline-offset: .2em }
code, pre, kbd { font: .86rem/1.5 ui-monospace, "SF Mono", Consolas, "Liberation Mono", monospace }
code { overflow-wrap: anywhere }
:focus-visible { outline: 3px solid color-mix(in srgb, var(--accent) 55%, transparent); outline-offset: 2px }
.muted { color: var(--muted) }
.small { font-size: .9rem }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 16px; box-shadow: var(--shadow); padding: 1.5rem }
.button { display: inline-flex; align-items: center; justify-content: center; gap: .5rem; min-height: 2.75rem; padding: .5rem 1.1rem;
  border: 1px solid transparent; border-radius: 10px; background: var(--accent); color: var(--on-accent);
  font: inherit; font-weight: 600; line-height: 1.2; text-decoration: none; cursor: pointer; transition: filter .15s }
.button:hover { filter: brightness(1.08) }
.button.quiet { background: transparent; color: var(--ink); border-color: var(--line) }
.button.quiet:hover { background: var(--soft); filter: none }
@media (prefers-reduced-motion: reduce) { * { transition: none !important } }
`;

/** Sends a page with a Content-Security-Policy that allows exactly its own style and script. */
export function sendPage(response: ServerResponse, status: number, page: Page): void {
  const { text, headers } = renderPage(page);
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

/** The page's text and the headers that go with it. */
export function renderPage(page: Page): { text: string; headers: Record<string, string> } {
  const nonce = randomBytes(16).toString('base64');
  const { light, dark, onDark } = themes[page.party];
  const accent = `:root { --accent: ${light}; --on-accent: #fff }
@media (prefers-color-scheme: dark) { :root { --accent: ${dark}; --on-accent: ${onDark} } }`;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${page.title}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon(light))}">
<style nonce="${nonce}">${trusted(accent + style + (page.style ?? ''))}</style>
</head>
<body>
${page.body}
${page.script && html`<script nonce="${nonce}">${trusted(page.script)}</script>`}
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    text: document.html,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
  };
}

function icon(color: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="${color}"/><path d="M10 15v-3a6 6 0 0 1 12 0v3M9 15h14v9H9z" fill="none" stroke="#fff" stroke-width="2.5" stroke-linejoin="round"/></svg>`;
}
