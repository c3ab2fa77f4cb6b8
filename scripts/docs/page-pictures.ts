// npm run docs:pictures: the pictures of docs/pages.md, by Chromium. Japanese needs a font (fonts-ipafont-gothic).

import { mkdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { renderChooser } from '../../src/browser/chooser-page';
import type { Frame } from '../../src/browser/frame';
import { renderPage } from '../../src/browser/page';
import { note } from '../../src/browser/page-texts';
import { textOf } from '../../src/browser/respond';
import { chromiumPath, launchChromium } from '../../test/support/chromium';
import { pageFrame } from '../../test/support/page-frame';

interface Picture {
  name: string;
  frame: Frame;
  html: (frame: Frame) => string;
  colorScheme: 'light' | 'dark';
  width: number;
  height: number;
}

const svg = (content: string, width: number) =>
  `data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="40">${content}</svg>`).toString('base64')}`;
const wordmark =
  '<rect width="40" height="40" rx="10" fill="#0d6e5f"/><path d="M11 29 20 10l9 19" fill="none" stroke="#fff" stroke-width="4"/>' +
  '<text x="52" y="29" font-family="sans-serif" font-size="26" font-weight="600" fill="#0d6e5f">Acme</text>';
const mark = svg('<circle cx="20" cy="20" r="17" fill="#0d6e5f"/>', 40);
const own = {
  page_name: 'Acme Intranet',
  page_logo: svg(wordmark, 130),
  page_color: '#0d6e5f',
  page_contact: 'IT help desk <mailto:help@acme.example>',
};

const refused = (frame: Frame) =>
  renderPage(
    {
      ...textOf({ code: 'provider_error', note: note('The provider says: {answer}', { answer: 'access_denied' }) }),
      actions: [{ label: 'Try again', href: '/' }],
      reference: '0f3a9c27b1d4',
    },
    frame,
  );
const choice = (frame: Frame) =>
  renderChooser(
    {
      providers: [
        { label: 'Acme Ltd', href: '/', logo: mark, lastUsed: true },
        { label: 'Globex Corporation', href: '/', logo: '', lastUsed: false },
      ],
      email: { action: '/', path: '/', address: '', problem: undefined },
    },
    frame,
  );
const question = (frame: Frame) =>
  renderPage(
    {
      title: 'Sign out?',
      text: ['Do you want to sign out, in this browser or everywhere?'],
      actions: [
        { label: 'Sign out', href: '/logout', post: true },
        { label: 'Sign out everywhere', href: '/logout', post: true },
      ],
    },
    frame,
  );

const pictures: Picture[] = [
  { name: 'error', frame: pageFrame('en', own), html: refused, colorScheme: 'light', width: 560, height: 560 },
  { name: 'choice', frame: pageFrame('de'), html: choice, colorScheme: 'dark', width: 560, height: 560 },
  { name: 'sign-out', frame: pageFrame('ja', own), html: question, colorScheme: 'light', width: 360, height: 560 },
];

async function take(browser: Browser, { name, frame, html, colorScheme, width, height }: Picture): Promise<void> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height } });
  await page.setContent(html(frame));
  const path = `docs/pictures/${name}.png`;
  await page.screenshot({ path });
  await page.close();
  console.log(`wrote ${path}`);
}

const chromium = chromiumPath();
if (chromium === undefined) {
  console.error('needs Chromium: apt-get install chromium, or set CHROMIUM to its path');
  process.exitCode = 1;
} else {
  mkdirSync('docs/pictures', { recursive: true });
  const browser = await launchChromium(chromium);
  for (const picture of pictures) await take(browser, picture);
  await browser.close();
}
